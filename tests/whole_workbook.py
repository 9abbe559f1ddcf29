"""A small workbook with all of our sheets and columns, and how tests change one thing in it."""

from collections.abc import Mapping, Sequence

Rows = list[dict[str, object]]

SURVEY: Rows = [
    {"type": "select_one round", "name": "round_id", "en": "Round", "sensitivity": "open"},
    {"type": "select_one area", "name": "area_id", "en": "Area", "sensitivity": "open"},
    {"type": "select_one psu", "name": "psu_id", "en": "Village", "sensitivity": "quasi"},
    {"type": "select_one yn", "name": "consent", "en": "Do you agree?", "sensitivity": "open"},
    {"type": "begin_group", "name": "q", "en": "Q", "renamed_from": "questions"},
    {"type": "select_one sex", "name": "sex", "en": "Sex", "sensitivity": " Quasi\u00a0"},
    {"type": "integer", "name": "age", "en": "Age", "sensitivity": "quasi"},
    {"type": "select_one trust", "name": "trust", "en": "Trust", "fr": "Confiance", "sensitivity": "sensitive",
     "renamed_from": "q/trust_g; trust_g", "comparable_since": "2026010101"},
    {"type": "select_one trust", "name": "respect", "en": "Respect", "sensitivity": "open"},
    {"type": "select_one risk", "name": "reprisal", "en": "Reprisal", "sensitivity": "severe"},
    {"type": "select_multiple service", "name": "services", "en": "Services", "sensitivity": "open"},
    {"type": "rank service", "name": "first", "en": "First", "sensitivity": "open"},
    {"type": "text", "name": "why", "en": "Why?"},
    {"type": "date", "name": "asked_on", "en": "Asked", "sensitivity": "open"},
    {"type": "date", "name": "done_on", "en": "Done", "sensitivity": "open"},
    {"type": "decimal", "name": "base_weight", "en": "Weight", "sensitivity": "open"},
    {"type": "begin_repeat", "name": "member", "en": "Member"},
    {"type": "integer", "name": "member_age", "en": "Age", "sensitivity": "quasi"},
    {"type": "end_repeat"},
    {"type": "end_group"},
]  # fmt: skip


def choice(list_name: str, name: object, kind: str = "", renamed_from: str = "") -> dict[str, object]:
    return {
        "list_name": list_name,
        "name": name,
        "en": f"{list_name} {name}",
        "code_kind": kind,
        "renamed_from": renamed_from,
    }


CHOICES: Rows = [
    choice("round", "r1"), choice("round", "r2"),
    choice("area", "ML05"), choice("area", "ML06"),
    choice("region", "mopti"), choice("region", "gao"),
    choice("psu", "p1"), choice("psu", "p2"),
    choice("yn", 1), choice("yn", 0),
    choice("sex", "f"), choice("sex", "m"),
    choice("trust", 1), choice("trust", 2, renamed_from="20 21"), choice("trust", 3), choice("trust", 4),
    choice("trust", 98, "dont_know"), choice("trust", 99, "Refused"),
    choice("risk", "low"), choice("risk", "high"),
    choice("service", "water"), choice("service", "school"),
    choice("agegrp", "young"), choice("agegrp", "old"),
]  # fmt: skip

DERIVED: Rows = [
    {"type": "select_one agegrp", "name": "band", "calculation": "if(${age} < 35, 'young', 'old')", "en": "Age band"},
    {"type": "select_one region", "name": "region", "calculation": "if(${area_id} = 'ML05', 'mopti', 'gao')"},
    {"type": "decimal", "name": "weight", "calculation": "${base_weight} * ${adults}", "sensitivity": "open"},
    {"type": "integer", "name": "adults", "calculation": "count(${member})"},
]

INDICATORS: Rows = [
    {"name": "trusting", "measure": "share", "question": "trust", "counts": "3 4", "en": "Trust them"},
    {
        "name": "balance",
        "measure": "net",
        "question": "respect",
        "counts": "3;4",
        "against": "1\n2",
        "by": "sex area_id*sex",
    },
    {
        "name": "asked_all",
        "measure": "share",
        "question": "respect",
        "counts": "4.0",
        "base": "asked",
        "by": "total",
        "where": "${sex} = ‘f’",
    },
    {"name": "mean_age", "measure": "mean", "question": "age"},
    {"name": "mood", "measure": "index", "question": "trust respect"},
    {"name": "who", "measure": "distribution", "question": "respect", "mirror": "asp:who"},
    {"name": "which", "measure": "multiple", "question": "services"},
    {"name": "priority", "measure": "rank", "question": "first"},
    {"name": "took", "measure": "duration", "question": "asked_on to done_on"},
    {"name": "share_of", "measure": "ratio", "question": "age/adults"},
    {"name": "people", "measure": "count", "unit": "attempts"},
    {
        "name": "members_age",
        "measure": "mean",
        "question": "member_age",
        "unit": "member",
        "where": "${member_age} > 5",
    },
]


def pairs(**values: object) -> Rows:
    return [{"key": key, "value": value} for key, value in values.items()]


DESIGN: dict[str, object] = {
    "kind": "probability",
    "records": "${consent} = 1",
    "round": "round_id",
    "stratum": "area_id",
    "psu": "psu_id",
    "weight": "weight",
    "lonely_psu": "average",
    "by": "area_id sex",
    "geography": "psu_id area_id region",
    "sensitive_level": "area_id",
    "severe_level": "region",
    "rake": "sex",
}

POPULATION: Rows = [
    {"variable": "sex", "value": "f", "total": 60.5, "source": "census", "date": "2023"},
    {"variable": "sex", "value": "m", "total": 39.5},
    {"variable": "area_id*sex", "value": "ML05*f", "total": 30},
    {"variable": "area_id*sex", "value": "ML05*m", "total": 20},
    {"variable": "area_id*sex", "value": "ML06*f", "total": 30.5},
    {"variable": "area_id*sex", "value": "ML06*m", "total": 19.5},
]

QUOTAS: Rows = [
    {"variable": "psu_id*sex", "value": "each*f", "target": 5},
    {"variable": "psu_id*sex", "value": "p1*f", "target": "6", "round": "r2"},
]

CODEBOOK: Rows = [
    {"name": "justice", "en": "Justice", "definition": "Courts, judges; and prisons", "renamed_from": "courts law"},
    {"name": "bribes", "en": "Bribes", "parent": "justice", "include": "any, also small", "exclude": "fines"},
]

WHOLE: dict[str, Sequence[Mapping[str, object]]] = {
    "survey": SURVEY,
    "choices": CHOICES,
    "settings": [{"form_id": "whole", "version": "2026010101"}],
    "derived": DERIVED,
    "indicators": INDICATORS,
    "design": pairs(**DESIGN),
    "population": POPULATION,
    "quotas": QUOTAS,
    "codebook": CODEBOOK,
}


def with_row(sheet: str, row: dict[str, object]) -> dict[str, object]:
    return {**WHOLE, sheet: [*WHOLE[sheet], row]}


def with_design(**values: object) -> dict[str, object]:
    design = {key: value for key, value in {**DESIGN, **values}.items() if value is not None}
    return {**WHOLE, "design": pairs(**design)}


def indicator(**columns: object) -> dict[str, object]:
    return with_row("indicators", {"name": "new", "measure": "share", "question": "respect", "counts": "4", **columns})


def derived(calculation: object, kind: str = "integer", name: str = "new") -> dict[str, object]:
    return with_row("derived", {"type": kind, "name": name, "calculation": calculation})
