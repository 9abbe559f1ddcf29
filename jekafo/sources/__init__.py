"""The servers of a project, as its people set them up.

`file` is `sources.toml` as text and tables; `configured` what one table must and may say; `settings` all sources there
are, with those that other tools have set up; `wires` the world they are reached through.
"""
