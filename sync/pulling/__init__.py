"""The steps of a pull, a module each.

`form_ids` says under which id a form is kept, `comparison` which records to fetch and which are gone, `versions` which
form a record answers, `keeping` how records are kept, `media` how files come; `report` is what is asked of a pull and
what came of it, `words` what it says of its own accord.
"""
