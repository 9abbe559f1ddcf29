"""Simulated interviews with any form: what a designer tries a questionnaire on before it goes to the field.

`rules`, `openings` and `cascades` read the form, `plan` joins them, `person` answers, `sittings` says when and on which
tablet, `interviews` carries them out and counts, `folder` and `delivery` are where submissions go.
"""
