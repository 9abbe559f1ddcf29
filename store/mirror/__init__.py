"""What other servers have, as the last pull saw it, and the submission that each of their records is kept as.

`states` says how far a form was pulled and `hints` what hooks said since; `pulled` keeps a record, `aside` notes one in
quarantine, `gone` one that its server shows no more; `records` reads what we hold; `listed_media` and `fetched_media`
are the files of records. `rows` writes the row of a record for all of them.
"""
