"""Asking a server over HTTP, with patience, and telling what fails in words that say who does what next.

`client` is what sources ask through, `download` begins or resumes a file. `exchange` sends over one of the `sessions`,
waits and sends again; `failures` says what a reply that is no answer means, `redirects` what one that leads elsewhere;
`reply_body` and `reply_json` read one that is an answer. `origins` knows where the credential may go, and `redaction`
keeps it out of what people and logs read.
"""
