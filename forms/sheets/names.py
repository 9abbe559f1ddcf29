"""The names of our sheets and columns, and how one recognises a name that is nearly ours."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from forms.workbook.workbook import INTERPRETATION_SHEETS, plain

OUR_SHEETS = (*INTERPRETATION_SHEETS, "readme")
"""All sheets that no other tool reads; `readme` is for people."""

OUR_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "survey": ("sensitivity", "renamed_from", "comparable_since"),
    "choices": ("code_kind", "renamed_from"),
}
"""Columns of standard sheets that no other tool reads."""

# What a French-speaking designer is likely to write, and what spelling distance does not find.
_ALSO_WRITTEN = {
    # sheets
    "indicateurs": "indicators",
    "indicateur": "indicators",
    "dérivées": "derived",
    "dérivés": "derived",
    "derivees": "derived",
    "variables dérivées": "derived",
    "plan de sondage": "design",
    "plan d'échantillonnage": "design",
    "populations": "population",
    "effectifs": "population",
    "quota": "quotas",
    "livre de codes": "codebook",
    "livre des codes": "codebook",
    "guide de codage": "codebook",
    "grille de codage": "codebook",
    "code book": "codebook",
    # columns of standard sheets
    "sensibilité": "sensitivity",
    "sensibilite": "sensitivity",
    "ancien nom": "renamed_from",
    "anciens noms": "renamed_from",
    "renommé de": "renamed_from",
    "type de code": "code_kind",
    "codekind": "code_kind",
    "comparable depuis": "comparable_since",
    # columns of our sheets
    "nom": "name",
    "mesure": "measure",
    "calcul": "calculation",
    "compte": "counts",
    "numérateur": "counts",
    "contre": "against",
    "dénominateur": "base",
    "filtre": "where",
    "où": "where",
    "unité": "unit",
    "unite": "unit",
    "par": "by",
    "miroir": "mirror",
    "clé": "key",
    "cle": "key",
    "valeur": "value",
    "cible": "target",
    "objectif": "target",
    "effectif": "total",
    "vague": "round",
    "passage": "round",
    "définition": "definition",
    "inclure": "include",
    "exclure": "exclude",
    "exemple": "example",
    # keys of the design
    "strata": "stratum",
    "strate": "stratum",
    "grappe": "psu",
    "cluster": "psu",
    "poids": "weight",
    "enquêteur": "enumerator",
    "enqueteur": "enumerator",
    # measures, units, kinds of samples
    "part": "share",
    "proportion": "share",
    "pourcentage": "share",
    "moyenne": "mean",
    "solde": "net",
    "indice": "index",
    "répartition": "distribution",
    "rang": "rank",
    "classement": "rank",
    "rapport": "ratio",
    "nombre": "count",
    "somme": "total",
    "durée": "duration",
    "tentatives": "attempts",
    "entités": "entities",
    "probabiliste": "probability",
    "aléatoire": "probability",
    "recensement": "census",
    "raisonné": "purposive",
    # classes of sensitivity
    "ouvert": "open",
    "sensible": "sensitive",
    "grave": "severe",
    "identifiant": "identifier",
    # kinds of codes
    "ne sait pas": "dont_know",
    "nsp": "dont_know",
    "dk": "dont_know",
    "refus": "refused",
    "refuse": "refused",
    "sans objet": "not_applicable",
    "non applicable": "not_applicable",
    "aucun": "none",
    "valide": "valid",
}
_LIKENESS = 0.82
_NAME = re.compile(r"[^\W\d][\w.-]*")


def is_name(text: str) -> bool:
    """Whether a text may name an indicator or a derived variable, by XLSForm's rule for questions."""
    return _NAME.fullmatch(text) is not None


def meant(name: str, names: Iterable[str]) -> str | None:
    """Return the one of our names that was meant by a name that is not among them, or None where none is near."""
    written = plain(name)
    among = tuple(names)
    if written in among:
        return None
    if _ALSO_WRITTEN.get(written) in among:
        return _ALSO_WRITTEN[written]
    underscored = written.replace(" ", "_").replace("-", "_")
    close = get_close_matches(underscored, among, n=1, cutoff=_LIKENESS)
    return close[0] if close else None
