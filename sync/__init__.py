"""How submissions come in and forms go out. The only outgoing HTTP.

Tablets send to us: `receive`, with the forms that `shelf` keeps read. We ask other servers: `pull`, in the steps of
`pulling`. Forms go out by `publish` (here) and `publish_to` (on a source); both are `offered` first. `source` says what
every server can be asked, `sources` has a package a kind of server, `http` is how they are asked over the network, and
`wires` the world they stand in. `openrosa_client` is the other side of our own endpoint: what a tablet would say.
"""
