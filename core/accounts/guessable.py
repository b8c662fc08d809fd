"""
What people who guess passwords try first: common words with decorations, keyboard runs, repetitions.

Lists of leaked passwords hold mostly short ones; at 15 characters what remains of them is a common word or two, with
digits and signs around, or a pattern that fills up the length. So patterns are refused instead of a long list.
"""

from __future__ import annotations

import itertools
import re
import unicodedata

_WORDS = """
password passwort passwd passphrase contrasena contrasenia clave motdepasse senha parola secret secreto segredo
qwerty qwertz azerty asdf zxcv letmein welcome bienvenido bienvenue bemvindo bonjour hello hola admin administrator
administrador administrateur root user usuario utilisateur guest invitado login logon signin access acceso acces
acesso master superman batman pokemon starwars dragon monkey shadow sunshine princess princesa princesse football
futbol futebol baseball basketball soccer hockey iloveyou teamo tequiero jetaime teamomucho teadoro loveme lovely
trustno whatever freedom mustang corvette ferrari mercedes porsche harley yankees cowboys chelsea liverpool arsenal
barcelona barca realmadrid madrid benfica porto flamengo corinthians palmeiras brasil brazil espana spain france
portugal mexico michael jennifer jordan thomas andrew daniel ashley jessica charlie george nicole hunter ranger
buster tigger pepper ginger summer winter spring autumn verano invierno primavera ete hiver printemps verao inverno
monday january august september october november december enero octubre diciembre janeiro outubro dezembro janvier
octobre decembre computer internet samsung google facebook apple iphone android windows microsoft linkedin amazon
netflix youtube company business office portal customer cliente client empresa entreprise changeme default temporary
temporal provisoire test testing tester prueba teste sample example ejemplo exemple exemplo demo qazwsx abcdef abc
""".split()  # noqa: SIM905 -- a line each would be two hundred
_PIECES = sorted(set(_WORDS), key=lambda word: (-len(word), word))
_COMMON = re.compile("|".join(map(re.escape, _PIECES)))
_AROUND = re.compile(r"^[^a-z]+|[^a-z]+$")
_LOOKALIKES = str.maketrans("@4031!|5$7+8", "aaoeiiissttb")
_RUNS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop")
_LINES = _RUNS + tuple(run[::-1] for run in _RUNS)
_SHORTEST_RUN = 4
_FEWEST_CHARACTERS = 5
_LONGEST_UNIT = 8
_FEWEST_LETTERS_LEFT = 4
_FEWEST_DIGITS_LEFT = 9
_FEWEST_WORDS = 4


def folded(text: str) -> str:
    """Return *text* in small letters without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def flattened(text: str) -> str:
    """Return the words of *text* as they were meant: folded, bare of signs around, `@` and `0` read as letters."""
    return _AROUND.sub("", folded(text)).translate(_LOOKALIKES)


def _run_at(text: str, start: int) -> int:
    """Return how many characters from *start* on are neighbours in an alphabet or on a keyboard, either way."""
    longest = 1
    for line in _LINES:
        at = line.find(text[start])
        if at >= 0:
            same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(text[start:], line[at:], strict=False))
            longest = max(longest, sum(1 for _ in same))
    return longest


def _without_runs(text: str) -> tuple[str, int]:
    kept: list[str] = []
    runs = start = 0
    while start < len(text):
        length = _run_at(text, start)
        if length >= _SHORTEST_RUN:
            runs += 1
            kept.append(" ")
            start += length
        else:
            kept.append(text[start])
            start += 1
    return "".join(kept), runs


def _repeats(text: str) -> bool:
    """Whether *text* is a short unit over and over, the last one perhaps cut off."""
    return any(
        all(text[place] == text[place % unit] for place in range(unit, len(text)))
        for unit in range(1, min(_LONGEST_UNIT, len(text) // 2) + 1)
    )


def _mostly_common(text: str) -> bool:
    rest, runs = _without_runs(text)
    found = set(_COMMON.findall(rest))
    rest = _COMMON.sub(" ", rest)
    if not found and not runs:
        return False
    letters = sum(character.isalpha() for character in rest)
    digits = sum(character.isdigit() for character in rest)
    return letters < _FEWEST_LETTERS_LEFT and digits < _FEWEST_DIGITS_LEFT and len(found) < _FEWEST_WORDS


def is_guessable(text: str) -> bool:
    """Whether *text* is among what is tried first."""
    plain = folded(text)
    if len(set(plain)) < _FEWEST_CHARACTERS or _repeats(plain):
        return True
    return _mostly_common(plain) or _mostly_common(flattened(text))
