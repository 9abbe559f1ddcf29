"""The style of the printed HTML questionnaire: black on white, A4, nothing from outside the file."""

_STYLE = """
@page { size: A4; margin: 16mm 14mm 17mm;
  @bottom-left { content: FOOTER; font: 8pt "Liberation Sans", Arial, Helvetica, sans-serif; color: #000 }
  @bottom-right { content: counter(page) " / " counter(pages);
    font: 8pt "Liberation Sans", Arial, Helvetica, sans-serif; color: #000 } }
* { box-sizing: border-box }
html { font: 9.5pt/1.32 "Liberation Sans", Arial, Helvetica, "Noto Sans", sans-serif; color: #000; background: #fff }
body { max-width: 182mm; margin: 0 auto; padding: 0 }
@media screen { body { padding: 8mm 4mm } }
h1 { font-size: 17pt; line-height: 1.15; margin: 0 0 1mm }
h2 { font-size: 12.5pt; line-height: 1.2; margin: 8mm 0 2mm; padding: 1.2mm 2mm; border: 1.2pt solid #000;
  break-after: avoid }
h3, h4 { font-size: 10.5pt; margin: 5mm 0 1.5mm; padding-bottom: .8mm; border-bottom: 1.2pt solid #000;
  break-after: avoid }
p { margin: 0 }
.form-line { font-size: 9pt; margin-bottom: 3mm }
.cover { width: 100%; border-collapse: collapse; margin: 0 0 2mm }
.cover td { border: .8pt solid #000; padding: 1.4mm 2mm; height: 11mm; vertical-align: top; font-size: 8pt;
  width: 33.3% }
.cover .fill { margin-top: 1.2mm; font-size: 9.5pt }
.no-names { font-weight: bold; margin-bottom: 2mm }
.legend { font-size: 8.5pt; margin: 0 0 1mm }
.legend span { margin-inline-end: 5mm; white-space: nowrap }
.legend .long { white-space: normal }
.section-condition, .roster { font-weight: bold; margin: 2mm 0; padding: 1mm 2mm; border-inline-start: 3pt solid #000;
  break-after: avoid; break-inside: avoid }
.roster .fill { font-weight: normal; margin-inline-start: 4mm }
.question { display: grid; grid-template-columns: 11mm minmax(0, 1fr) 84mm; column-gap: 2.5mm; padding: 1.8mm 0;
  border-bottom: .5pt solid #000; break-inside: avoid }
.question.wide { grid-template-columns: 11mm minmax(0, 1fr) }
.question.wide > .answer { grid-column: 2; margin-top: 1mm }
.question.long { break-inside: auto }
.number { font-weight: bold }
.text { font-weight: normal }
.required { font-weight: bold; white-space: nowrap }
.condition { font-weight: bold; font-style: italic; margin-bottom: .6mm }
.hint { font-style: italic; font-size: 8.5pt; margin-top: .6mm }
.how { font-size: 8pt; margin-top: .8mm }
.note { margin: 2mm 0; padding: 2mm 2.5mm; border: .8pt solid #000; break-inside: avoid }
ul.choices { list-style: none; margin: 0; padding: 0 }
ul.choices li { display: flex; align-items: baseline; column-gap: 1.5mm; break-inside: avoid; padding: .25mm 0 }
.mark { flex: none; font-family: "DejaVu Sans", "Segoe UI Symbol", "Noto Sans Symbols 2", "Liberation Sans", sans-serif;
  font-size: 10.5pt; line-height: 1 }
.mark.box { width: 7mm; height: 4.2mm; border: .8pt solid #000; align-self: center }
.leader { flex: 1; min-width: 3mm; border-bottom: .8pt dotted #000; transform: translateY(-.6mm) }
.code { flex: none; font-variant-numeric: tabular-nums; font-size: 8.5pt; max-width: 34mm; overflow-wrap: anywhere }
.go { flex: none; font-weight: bold; font-size: 8.5pt; max-width: 40mm }
ul.choices li.under { font-weight: bold; margin-top: .8mm }
.columns { columns: 2; column-gap: 7mm }
.line { border-bottom: .8pt solid #000; height: 7.5mm }
/* Our instructions run from left to right in a questionnaire that runs from right to left, and so do numbers. */
[dir=rtl] :is(.how, .condition, .section-condition, .roster, .legend, .form-line, .go, .cover td, .calculated dd) {
  direction: ltr; text-align: right }
.digits { direction: ltr; display: inline-flex; margin: .4mm 0 }
.digits i { width: 6mm; height: 7.5mm; border: .8pt solid #000; margin-inline-end: -.8pt }
.digits b { align-self: flex-end; font-weight: normal; padding: 0 1.2mm }
.scale { display: flex; flex-wrap: wrap; gap: 1mm 2.5mm }
table.grid { width: 100%; border-collapse: collapse; margin: 2mm 0 3mm; table-layout: fixed }
table.grid th, table.grid td { border: .5pt solid #000; padding: 1mm 1.2mm; vertical-align: middle }
table.grid th { font-size: 7.5pt; line-height: 1.15; font-weight: bold; text-align: center; vertical-align: bottom;
  overflow-wrap: break-word; hyphens: auto }
table.grid th .code { display: block; font-weight: normal; max-width: none; font-size: 8pt }
table.grid th.about { text-align: start; width: 38% }
table.grid td.tick { text-align: center }
table.grid tr { break-inside: avoid }
table.grid thead { display: table-header-group }
.calculated dl { margin: 0; font-size: 8.5pt; display: grid; grid-template-columns: minmax(12mm, max-content) 1fr;
  column-gap: 3mm; row-gap: .6mm }
.calculated dt { font-weight: bold; max-width: 50mm; overflow-wrap: anywhere }
.calculated dd { margin: 0; overflow-wrap: anywhere }
.codes { break-before: page }
.code-lists { columns: 2; column-gap: 8mm }
.code-list { break-inside: avoid; margin-bottom: 3.5mm }
.code-list.long { break-inside: auto }
.code-list h3 { margin: 0 0 .8mm; font-size: 9.5pt; border-bottom: .8pt solid #000 }
.code-list .used { font-weight: normal; font-size: 8.5pt }
.code-list dl { margin: 0; display: grid; grid-template-columns: minmax(12mm, max-content) 1fr;
  column-gap: 2mm; font-size: 8.5pt }
.code-list dt { font-variant-numeric: tabular-nums; max-width: 36mm; overflow-wrap: anywhere }
.code-list dd { margin: 0 }
"""


def style(footer: str) -> str:
    """Return the style sheet; footer: the text at the foot of every page."""
    return _STYLE.replace("FOOTER", _css_text(footer))


def _css_text(text: str) -> str:
    """A text as a CSS string in which nothing can end the string, the rule or the element."""
    return '"' + "".join(sign if sign.isalnum() and sign.isascii() else f"\\{ord(sign):06x}" for sign in text) + '"'
