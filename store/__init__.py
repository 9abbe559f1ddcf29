"""What is kept: submissions as received, form versions, media, people. The only SQLAlchemy.

`kept` opens it all; `database`, `engine`, `writer` and `glance` are how rows are read and written, `schema` and
`migrations` what there is. Submissions are kept by `submissions` (from tablets) and `mirror` (from other servers), over
the rows of `version_rows`, and read by `kept_submissions`; `quarantine` has what could not be taken, `curation` what
data managers decide, `attachments` the files, whose bytes are `media` and `partial_media`. Forms are `form_versions`
and `deployments`, accounts `people` and `audit`.
"""
