"""The front door: settings, wiring, commands. The only reader of the environment.

`main` has a command a file of `commands`; `project` opens what they work on. `sources` are the servers it pulls from,
`pulls` the pulling, `build` the tables that follow, `simulation` and `fieldwork` the data that nobody collected.
"""
