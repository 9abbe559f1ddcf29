"""Pulling from the sources of a project: which forms, when, one pull at a time, and how it is told.

`puller` pulls a round; `pace` and `schedule` say when; `lock` keeps a second pull of a form away; `bars`, `words` and
`status` are what people see.
"""
