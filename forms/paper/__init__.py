"""The questionnaire on paper: a form in one language, numbered, with its skips in words, to print or to read.

What is on paper is `forms.paper.parts`, made from a form by `forms.paper.questionnaire`; it is written as text, JSON,
HTML and DOCX by the modules of those names.
"""
