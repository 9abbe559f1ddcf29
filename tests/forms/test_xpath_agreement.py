"""What we say an expression yields is what JavaRosa says: each is a calculation of one form that JavaRosa fills."""

from collections.abc import Mapping
from datetime import UTC, datetime
from xml.sax.saxutils import quoteattr

import pytest
from lxml import etree

from forms.javarosa.filler import Answer, Asked, FormFiller, Sitting
from forms.xpath import parse_xpath
from forms.xpath.evaluate import Surroundings, evaluate
from forms.xpath.nodes import Node, csv_nodes, form_nodes
from forms.xpath.values import NotEvaluable, written

ANSWERS: Mapping[str, Answer] = {
    "t": "Kidal, Gao",
    "i": "7",
    "neg": "-3",
    "d": "2.5",
    "day": "2026-02-27",
    "moment": "2026-02-27T14:30:15.250+00:00",
    "clock": "14:30:00.000+00:00",
    "one": "b",
    "many": "a c",
    "blank": None,
    "blank_i": None,
}
KINDS = {
    "i": "int",
    "neg": "int",
    "d": "decimal",
    "day": "date",
    "moment": "dateTime",
    "clock": "time",
    "blank_i": "int",
    "r/x": "int",
}
TOWNS = b"name,label,region,people\nb1,Bla,s,10\nb2,Bankass,m,200\nb3,Barou\xc3\xa9li,s,x\n"

# One a line. What depends on the clock is in its own test.
EXPRESSIONS = r"""
1 + 2 * 3
(1 + 2) * 3
7 div 2
7 mod 3
-7 mod 3
7 mod 0
1 div 0
-1 div 0
0 div 0
- /data/i
0.1 + 0.2
1 = 1.0000000000001
3000000000
12345678.9
0.00001
1 div 3
/data/i + 1
/data/d * 2
/data/i = '7'
/data/i = '7.0'
'7' = '7.0'
'7' = 7.0
'07' = 7
/data/blank = ''
/data/blank_i = ''
/data/blank_i = 0
/data/blank_i + 1
/data/blank_i > 0
/data/blank_i < 1
/data/blank > ''
not( /data/blank )
true() = 'x'
true() = 1
false() = ''
'false' and true()
'' or 0
'b' > 'a'
'10' > '9'
'1,5' + 1
' 5 ' + 1
'5a' + 1
'5e1' + 1
/data/t = 'Kidal, Gao'
/data/t != 'Kidal'
/data/one = 'b'
selected( /data/many , 'a')
selected( /data/many , 'b')
selected( /data/many , ' c ')
selected( /data/many , 'a c')
selected( /data/many , '')
selected( /data/blank , '')
selected('1 12 123', '2')
count-selected( /data/many )
count-selected( /data/blank )
selected-at( /data/many , 1)
selected-at( /data/many , 5)
selected-at( /data/many , -1)
coalesce( /data/blank , 'x')
coalesce( /data/blank_i , /data/i )
coalesce( /data/t , 'x')
coalesce(0, 5)
if( /data/i > 5, 'big', 'small')
if( /data/blank , 1, 2)
if(false(), 1 div 0, 'ok')
if('no', 'y', 'n')
boolean('false')
boolean(0)
boolean-from-string('True')
boolean-from-string('yes')
number('')
number('1.')
number('.5')
number(true())
int(3.7)
int(-3.7)
int('x')
round(2.5)
round(-2.5)
round(2.567, 2)
round(-2.565, 2)
round(1.005, 2)
round(1234, -2)
round(1250, -2)
round(-1250, -2)
round( /data/d )
abs(-3.5)
pow(2, 10)
pow(0, -1)
sqrt(2)
sqrt(-1)
exp(0)
log(0)
log10(1000)
exp10(2)
sin(0)
atan2(0, 1)
string(5)
string(5.50)
string(true())
string( /data/day )
string( /data/moment )
concat('a', 5, true(), /data/blank )
concat( /data/r/name )
join(', ', /data/r/name )
join('-', 1, 2, 'x')
substr('abcdef', 2)
substr('abcdef', 1, 3)
substr('abcdef', -2)
substr('abcdef', 4, 2)
substr('abcdef', 0, 99)
substr('abcdef', 0, -1)
substring-before('a-b-c', '-')
substring-after('a-b-c', '-')
substring-before('abc', '-')
substring-after('abc', '-')
substring-before('abc', '')
substring-after('abc', '')
translate('banana', 'an', 'o')
contains('abc', 'b')
contains('abc', '')
starts-with( /data/t , 'Kid')
ends-with( /data/t , 'Gao')
string-length('été')
string-length('😀')
string-length( /data/blank )
normalize-space('  a   b ')
regex('abc', 'b')
regex('abc', '.*b.*')
regex('FG-012', '^FG-[0-9]{3}$')
regex('é', '\w')
regex('', '^$')
regex('a5', '[a-z]\d')
checklist(1, 2, true(), false(), true())
checklist(-1, 1, 1, 1)
checklist(3, -1, 1, 1)
weighted-checklist(3, 5, true(), 2, true(), 2)
weighted-checklist(3, 5, true(), 2, false(), 2)
count( /data/r )
count( /data/r/x )
count( /data/r [x > 2])
count-non-empty( /data/r/name )
sum( /data/r/x )
sum( /data/blank_i )
max( /data/r/x )
min( /data/r/x )
max(-5, -3)
min(-5, -3, 'x')
max('x')
sum( /data/r[position() = 2]/x )
indexed-repeat( /data/r/x , /data/r , 2)
indexed-repeat( /data/r/name , /data/r , 9)
indexed-repeat( /data/r/x , /data/r , count( /data/r ))
/data/day > '2026-01-01'
/data/day = '2026-02-27'
/data/day = date('2026-02-27')
/data/day + 1
date( /data/day + 1)
date('2024-02-28') + 2
date(0)
date(20000.9)
date('2026-11-22') - date('2026-11-01')
date('2026-11-22T23:30:00.000+00:00')
date('2026-11-22T23:30:00.000-05:00')
number( /data/moment )
int( /data/day )
decimal-date-time('1970-01-02T12:00:00.000Z')
decimal-date-time( /data/day )
decimal-date-time( /data/moment )
decimal-time( /data/clock )
decimal-time( /data/moment )
format-date( /data/day , '%Y/%m/%n %d %e %y')
format-date( /data/moment , '%H:%h:%M:%S.%3')
format-date-time( /data/moment , '%Y-%m-%d')
format-date( /data/blank , '%Y')
format-date('2026-01-05', '%e.%n.')
format-date( /data/i , '%Y-%m-%d')
date-time('2026-01-05') > date-time('2026-01-04')
instance('towns')/root/item[name = 'b2']/label
instance('towns')/root/item[name = /data/t ]/label
count(instance('towns')/root/item[region = 's'])
count(instance('towns')/root/item)
sum(instance('towns')/root/item/people)
join('+', instance('towns')/root/item[region = 's' and people > 5]/name)
instance('towns')/root/item[people = 200]/name
count(instance('towns')/root/item[selected('b1 b3', name)])
count(instance('towns')/root/item[position() < 3])
/data/absent = ''
count( /data/hidden )
/data/hidden = ''
once('x')
current()/../i + 1
../i
./../t
depend( /data/i , 1)
"""
LINES = EXPRESSIONS.strip().splitlines()
# JavaRosa evaluates one expression that stands inside and outside of a repeat in one place, outside: none of these
# stands above too.
IN_REPEAT = [
    "position(..)",
    "../x * 2",
    "/data/r/x * 2",
    "0 + count( /data/r )",
    "count(../../r)",
    "sum(../../r/x)",
    "0 + sum( /data/r/x )",
    "../../r[position() = 1]/name",
    "if(position(..) > 1, indexed-repeat( /data/r/name , /data/r , position(..) - 1), 'first')",
    "count(../../r[x > current()/../x])",
    "instance('towns')/root/item[name = current()/../name]/label",
    "concat(../name, /data/t )",
    "0 + count( /data/r/x )",
    "0 + max( /data/r/x )",
    "min( /data/r/x , 9)",
    "join(',', /data/r/name )",
    "string(concat( /data/r/name ))",
    "concat( /data/r/name , '!')",
    "string( /data/r/x )",
    "position( /data/r )",
    "string(count-non-empty( /data/r/name ))",
    "sum( /data/r [x > 2]/x)",
    "if( /data/r/x = 2, 'two', 'other')",
    "coalesce( /data/r/name , '')",
    "count( /data/r ) + /data/r/x",
]

TYPED = [
    ("7 div 2", "int"),
    ("-7 div 2", "int"),
    ("5", "decimal"),
    ("'5'", "int"),
    ("1 div 3", "decimal"),
    ("'x'", "int"),
    ("true()", "int"),
    ("/data/day + 1", "date"),
    ("date('2026-02-27T23:30:00.000Z')", "date"),
    ("'2026-02-27'", "date"),
    ("/data/day", "dateTime"),
    ("/data/moment", "dateTime"),
    ("/data/blank", "date"),
    ("/data/blank", "decimal"),
    ("5", "string"),
    ("5.5", "string"),
    ("12345678.9", "decimal"),
]
STARTED = datetime(2026, 1, 1, tzinfo=UTC)


class Interviewee:
    """Gives the answers above, and two instances of the repeat."""

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "r/x":
            return str(asked.positions[0] + 1)
        if asked.path == "r/name":
            return ("b1", "b3")[asked.positions[0] - 1]
        return ANSWERS.get(asked.path)

    def another(self, repeat: str, count: int) -> bool:
        del repeat
        return count < 2


def control(path: str) -> str:
    return f'<input ref="/data/{path}"><label>x</label></input>'


def select(tag: str, path: str, choices: str) -> str:
    items = "".join(f"<item><label>{name}</label><value>{name}</value></item>" for name in choices)
    return f'<{tag} ref="/data/{path}"><label>x</label>{items}</{tag}>'


def xform(calculations: list[tuple[str, str]], in_repeat: list[str]) -> bytes:
    """A form with the questions above, and these calculations at c0, c1 ... with their data types."""
    binds = [f'<bind nodeset="/data/{path}" type="{kind}"/>' for path, kind in KINDS.items()]
    binds += [
        f'<bind nodeset="/data/c{number}" type="{kind}" calculate={quoteattr(text)}/>'
        for number, (text, kind) in enumerate(calculations)
    ]
    binds += [
        f'<bind nodeset="/data/r/c{number}" type="string" calculate={quoteattr(text)}/>'
        for number, text in enumerate(in_repeat)
    ]
    blanks = "".join(f"<{name}/>" for name in (*ANSWERS, "hidden"))
    own = "".join(f"<c{number}/>" for number in range(len(calculations)))
    inner = "".join(f"<c{number}/>" for number in range(len(in_repeat)))
    controls = "".join(control(name) for name in ANSWERS if name not in ("one", "many"))
    return f"""<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
      xmlns:jr="http://openrosa.org/javarosa"><h:head><h:title>p</h:title><model>
      <instance><data id="p" version="1">{blanks}<r jr:template=""><x/><name/>{inner}</r>{own}
        <meta><instanceID/></meta></data></instance>
      <instance id="towns" src="jr://file-csv/towns.csv"/>{"".join(binds)}
      <bind nodeset="/data/hidden" type="string" relevant="false()"/>
      <bind nodeset="/data/meta/instanceID" type="string" jr:preload="uid"/></model></h:head>
      <h:body>{controls}{select("select1", "one", "ab")}{select("select", "many", "abc")}
      <group ref="/data/r"><label>r</label>
        <repeat nodeset="/data/r">{control("r/x")}{control("r/name")}</repeat></group>
      </h:body></h:html>""".encode()


Filled = tuple[etree._Element, Surroundings]


@pytest.fixture(scope="module")
def filled() -> Filled:
    calculations = [(line, "string") for line in LINES] + TYPED
    filler = FormFiller(xform(calculations, IN_REPEAT), {"towns.csv": TOWNS})
    root = etree.fromstring(filler.fill(Interviewee(), Sitting(STARTED, STARTED, "uuid:1")).xml)
    document = form_nodes(root, KINDS)
    return root, Surroundings(document, {"towns": csv_nodes(TOWNS)}, STARTED)


def ours(text: str, kind: str, around: Surroundings, parent: Node) -> str:
    return written(evaluate(parse_xpath(text), around, Node("c", parent=parent)), kind, UTC)


@pytest.mark.parametrize(
    ("number", "text", "kind"),
    [(n, line, "string") for n, line in enumerate(LINES)]
    + [(n, text, kind) for n, (text, kind) in enumerate(TYPED, len(LINES))],
)
def test_an_expression_yields_what_javarosa_writes(number: int, text: str, kind: str, filled: Filled):
    root, around = filled
    theirs = root.findtext(f"c{number}") or ""

    found = ours(text, kind, around, around.document.children["data"][0])

    if text.startswith("decimal-time"):
        # JavaRosa adds up fractions of days in an order of its own.
        assert float(found) == pytest.approx(float(theirs), abs=1e-9)
    else:
        assert found == theirs


@pytest.mark.parametrize(("number", "text"), list(enumerate(IN_REPEAT)))
def test_an_expression_in_a_repeat_yields_what_javarosa_writes(number: int, text: str, filled: Filled):
    root, around = filled
    parents = around.document.children["data"][0].children["r"]
    theirs = [instance.findtext(f"c{number}") or "" for instance in root.findall("r")]

    assert [ours(text, "string", around, parent) for parent in parents] == theirs


def test_as_many_expressions_are_compared_as_are_written_above():
    assert len(LINES) > 180
    assert len(set(LINES)) == len(LINES)


@pytest.mark.parametrize(
    "text",
    [
        "random()",
        "uuid()",
        "property('deviceid')",
        "/data/r/x + 1",  # two answers: which?
        "/data/r[2]/x",  # JavaRosa finds nothing by a number, a browser does
        "(/data/t | /data/i)",
        "(/data/r)[x = 2]",
        "format-date(/data/day, '%b')",  # in the language of the tablet
        "regex('é', '\\p{L}')",  # Java's own
        "area('1 2;3 4')",
        "floor(2.5)",
        "indexed-repeat(/data/r/x, /data/r, 0)",
        "date('27/02/2026')",
        "selected(5, 'a')",
        "instance('nowhere')/root/item",
        "jr:choice-name(/data/one, '/data/one')",
        "${age} + 1",
        "position()",
        "count(5)",
        "following-sibling::x",
    ],
)
def test_what_cannot_be_known_here_is_said_and_not_guessed(text: str, filled: Filled):
    _, around = filled
    with pytest.raises(NotEvaluable):
        ours(text, "string", around, around.document.children["data"][0])
