"""The data set `surnames`: to which of seven languages does a surname belong?

Text as a network sees it: a name becomes a row of whole numbers, one per letter. The names are the
lists that the package faker draws from when it invents people, so nothing is downloaded.
"""

import re
import string
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable

import numpy as np
from faker.providers.person import de_DE, es_ES, fi_FI, fr_FR, it_IT, pl_PL, sv_SE

from nas_tutorial.data.datasets import Arrays, Dataset, padded

LENGTH = 16  # letters; the longest name of the lists has 15
_LISTED = {
    "Finnish": tuple(fi_FI.Provider.last_names),
    "French": tuple(fr_FR.Provider.last_names),
    "German": tuple(de_DE.Provider.last_names),
    "Italian": tuple(it_IT.Provider.last_names),
    "Polish": pl_PL.Provider.unisex_last_names + pl_PL.Provider.male_last_names,
    "Spanish": tuple(es_ES.Provider.last_names),
    "Swedish": tuple(sv_SE.Provider.last_names),
}
_TAKEN_APART = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d"})


def surnames() -> Dataset:
    """Surnames of seven languages as rows of 16 letter numbers; three fifths of them to train on.

    A class is as large as its list, and the lists differ by a factor of eleven: half of all names
    are Polish. That is left as it is, as most collections of text are like that.

    Accents are removed (see `letters`). With them the task would be to learn seven alphabets: one ł
    settles that a name is Polish, and says nothing of how Polish is spelled; and people who type
    leave accents out. A name that two languages share has no right answer and is in neither. The
    pieces of a hyphenated name count as names. The set that a name goes to depends on its `family`
    alone: variants of a name all go to one set, and if a newer faker adds names, it moves none.

    Reference:
        Faraglia and others 2012, faker (MIT licence), the person providers of seven countries.
    """
    spellings = {language: _spellings(listed) for language, listed in _LISTED.items()}
    languages = Counter(name for names in spellings.values() for name in names)
    splits: dict[str, list] = {"train": [], "validation": [], "test": []}
    for label, names in enumerate(spellings.values()):
        for name in names:
            if languages[name] == 1:
                splits[_split(name)].append((name, label))
    sets = map(_arrays, splits.values())
    num_tokens = 1 + len(string.ascii_lowercase)  # the letters, and what stands before short names
    return Dataset("surnames", *sets, class_names=tuple(_LISTED), vocabulary_size=num_tokens)


def letters(name: str) -> str:
    """The letters of a name in lower case, all of a to z: without accents, hyphens and spaces."""
    decomposed = unicodedata.normalize("NFKD", name.lower().translate(_TAKEN_APART))
    return "".join(letter for letter in decomposed if letter in string.ascii_lowercase)


def encode(names: Iterable[str]) -> np.ndarray:
    """Names as a network takes them: a is 1, z is 26, zeros stand in front of short names.

    Args:
        names: As people write them; of one with more than 16 letters, the last 16 count.

    Returns:
        Letter numbers of shape (num_names, 16).

    Raises:
        ValueError: If a name has no letter of a to z.
    """
    spelled = []
    for name in names:
        spelled.append(letters(name))
        if not spelled[-1]:
            raise ValueError(
                f"a name must have a letter of a to z, with or without an accent, got {name!r}. "
                "Write it in Latin script."
            )
    return padded([[1 + ord(x) - ord("a") for x in name] for name in spelled], LENGTH)


def decode(rows: np.ndarray) -> list[str]:
    """The letters of each row that `encode` made, of shape (num_names, 16)."""
    return ["".join(chr(ord("a") + number - 1) for number in row if number) for row in rows]


def family(name: str) -> str:
    """A key that variants of a name share: Kowalski and Kowalska, Karlsson and Carlson.

    Endings in vowels and doubled letters are dropped, and letters that are written for one another
    become one. Names that share a key need not be related; they are only kept together.
    """
    key = re.sub("([aou])e", r"\1", letters(name))  # Kraemer, Krämer
    key = re.sub("q[uv]", "kv", key)  # Lindquist, Lindqvist
    key = key.translate(str.maketrans("cwyz", "kvis"))  # Carlsson, Meyer, Gonzalez
    key = re.sub(r"(.)\1+", r"\1", key)  # Hoffmann
    return re.sub("[aeiou]+$", "", key) or key  # Kowalska, Rosso


def _spellings(listed: Iterable[str]) -> list[str]:
    """The distinct spellings of a list, sorted."""
    return sorted({letters(piece) for name in listed for piece in name.split("-")})


def _split(name: str) -> str:
    fifth = zlib.crc32(family(name).encode()) % 5
    return ("train", "train", "train", "validation", "test")[fifth]


def _arrays(labelled: list[tuple[str, int]]) -> Arrays:
    names, labels = zip(*labelled)
    return encode(names), np.array(labels, dtype="int32")
