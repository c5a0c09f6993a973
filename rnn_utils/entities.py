"""Sentences in which persons, places and languages are named, tagged word by word.

The sentences are made by a small grammar; the places and languages are the real ones of
`rnn_utils.datasets.load_place_names` and `load_language_names`, several hundred of them, many with
more than one word. Training and test sentences share no name. A tagger that has learned its names
by heart finds none of the others: it has to go by what stands around a name, and by its form.
"""

from typing import NamedTuple

import numpy as np

from rnn_utils.checks import integer_from
from rnn_utils.datasets import load_language_names, load_place_names
from rnn_utils.tagging import bio_tags

ENTITY_KINDS = ("PER", "LOC", "LANG")
ENTITY_TAGS = tuple(bio_tags(ENTITY_KINDS))

_FIRST = """
    Aisha Albert Alejandro Alice Amara Amina Anders Andrei Anna Antonio Arjun Astrid Aylin
    Beatriz Ben Bianca Bogdan Boris Camille Carlos Catherine Chiara Chinedu Christopher Clara
    Daria David Diego Dmitri Edith Elena Elias Emeka Emma Enrique Esther Eva Fatima Felix
    Fiona Francesca Francois Frida Gabriel George Georgia Giulia Grace Gustavo Hana Hannah
    Harry Hassan Henry Hermione Hiroshi Hugo Ibrahim Imani Ingrid Isabel Israel Ivan Jakub Jana
    Javier Jelena Jonas Jordan Jorge Julia Karim Katarina Kenji Kofi Kwame Laila Lars Laura
    Layla Leila Leo Lidia Linh Lorenzo Lucia Luis Luna Magdalena Malik Marco Maria Mariam Mark
    Markus Mateo Matilda Mei Miguel Milan Mohamed Nadia Naomi Natalia Nikolai Nina Noah Olga
    Oliver Omar Oscar Pablo Paolo Pavel Pedro Peter Petra Priya Rafael Raj Ravi Rebecca Rosa
    Ruth Samuel Sanjay Sara Sasha Sebastian Simone Sofia Sven Svetlana Tariq Teresa Thomas
    Tomas Valentina Vera Victor Victoria Vikram Viktor Wei William Yara Yuki Yusuf Zahra
    Zainab Zeynep Zoe
""".split()
_LAST = """
    Abadi Abbott Adeyemi Ahmed Almeida Andersson Aziz Baker Banerjee Barbosa Bauer Becker Berg
    Bianchi Boateng Bondarenko Brown Carter Castillo Chen Christensen Clark Cohen Cooper Costa
    Cruz Dahl Demir Diallo Dubois Edwards Eriksen Evans Fernandez Ferrari Fischer Flores
    Fontaine Fournier Garcia Georgiou Gonzalez Granger Green Gupta Haddad Hansen Harris Haugen
    Hernandez Hoffmann Horvat Huang Hughes Ibanez Ivanova Jackson Jansen Jensen Jimenez
    Johnson Kaplan Katz Kaya Keller Khan Kim Klein Kovacs Kowalska Kozlov Kumar Larsen
    Lefebvre Lewis Lindberg Lopez Martinez Mbeki Mendes Mensah Meyer Miller Molina Moreau
    Moreno Morris Murphy Mwangi Nakamura Nakata Nguyen Nielsen Novak Novikov Okafor Oliveira
    Olsen Papadakis Park Patel Perez Petrov Popescu Potter Quist Rahman Ramirez Ricci Richards
    Rivera Robinson Romano Rossi Rousseau Santos Sato Schmidt Schneider Sharma Silva Simmons
    Singh Smirnova Sokolov Suzuki Takahashi Tanaka Taylor Teixeira Thompson Torres Toth Tran
    Traore Turner Vargas Vasquez Virtanen Volkov Wagner Walker Watanabe Weasley Weber Wilson
    Wong Wright Yamamoto Yilmaz Zhang Zimmermann
""".split()

# PER, LOC and LANG are one name, PERS, LOCS and LANGS one or several. All other words in capitals
# are drawn from the lists below.
_SENTENCES = """
    PERS invented a new THING .
    PERS met in LOC on DAY .
    PERS learned LANG at school .
    PERS , a JOB from LOC , VERB the THING .
    PERS beat PERS in the final .
    PERS will visit LOC in MONTH .
    PERS , who lives in LOC , speaks LANGS .
    PER gave PER PER 's THING .
    PER 's THING was VERB in LOC .
    LOCS signed a treaty on DAY .
    LOCS beat LOCS in the final .
    LOCS elected a new president in MONTH .
    LOCS , which border on LOC , have little water .
    LOC 's THING was VERB by PER .
    LANGS have few speakers left .
    LANGS are spoken in LOCS .
    LANG , which PER speaks , is a language of LOC .
    LANG 's grammar was written by PER .
    According to PER , the THING was VERB in LOC .
    According to LOC , its neighbors VERB the THING .
    The JOB told PER PER had left LOC .
    The JOB showed PER PER 's THING .
    The JOB PER lives in LOC with PER .
    The THING of LOC is old .
    The THING of PER is old .
    The grammar of LANG is hard .
    The THING was translated from LANG into LANG by PER .
    On DAY PERS met President PER of LOC .
    On DAY LOCS and the European Union talked about LOC .
    In LOC PER VERB a THING .
    In LOC LANG and LANG are taught in school .
    In MONTH PERS traveled from LOC to LOC .
    Last MONTH Professor PER taught PER LANG .
    We heard that PERS VERB the THING .
    We heard that LOCS have VERB the THING .
    We heard that LANGS are hard to learn .
    He writes LANG , but he speaks LANG with PER .
    She asked Doctor PER about LANG and LOC .
    Nobody in LOC knows PERS .
    Most people in LOCS understand LANGS .
    The Prime Minister of LOC praised PERS .
    The World Cup was won by LOC .
    The Nobel Prize was won by PER .
    A JOB and a JOB VERB a THING on DAY .
    The THING and the THING were VERB in MONTH .
""".strip().splitlines()
_WORDS = {
    "JOB": "farmer teacher singer lawyer nurse pilot baker judge painter chemist".split(),
    "THING": "spell book map song bridge letter recipe clock machine painting garden".split(),
    "VERB": "found sold lost described praised copied painted moved borrowed cleaned".split(),
    "DAY": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "MONTH": "January March April May June July August October November".split(),
}


class TaggedSentences(NamedTuple):
    """Sentences with a tag for every word."""

    tokens: list[list[str]]
    tags: list[list[str]]  # of `ENTITY_TAGS`


def entity_names(*, held_out=False):
    """The names that `tagged_sentences` draws from.

    Parameters
    ----------
    held_out : bool
        The names for testing, a third of all, instead of those for training.

    Returns
    -------
    dict of str to list of str
        For each of ``"PER"``, ``"LOC"`` and ``"LANG"`` its names; of persons every first name,
        alone and before every last name.
    """
    first, last, places, languages = (
        [name for place, name in enumerate(names) if (place % 3 == 0) == held_out]
        for names in (_FIRST, _LAST, load_place_names(), load_language_names())
    )
    people = [*first, *(f"{one} {other}" for one in first for other in last)]
    return {"PER": people, "LOC": places, "LANG": languages}


def tagged_sentences(n_sentences, *, held_out=False, seed=0):
    """Sentences about people, places and languages.

    A fifth of them is written without capitals, as people chat; in these a name does not look
    like one. Some words with capitals are no names: days, months, titles, the first word.

    Parameters
    ----------
    n_sentences : int
        How many, at least 1.
    held_out : bool
        Draw the names for testing (`entity_names`), which are not among those for training.
    seed : int
        Same seed, same sentences.

    Returns
    -------
    TaggedSentences
        Lists of words and lists of tags, of equal lengths.

    Raises
    ------
    ImportError
        If Babel is not installed.
    ValueError
        If ``n_sentences`` is not an integer in its range.

    Examples
    --------
    >>> data = tagged_sentences(1000)
    >>> len(data.tokens), set(sum(data.tags, [])) == set(ENTITY_TAGS)
    (1000, True)
    """
    n_sentences = integer_from("n_sentences", n_sentences, 1)
    rng = np.random.default_rng(seed)
    names = entity_names(held_out=held_out)
    drawn = [_sentence(rng, names) for _ in range(n_sentences)]
    return TaggedSentences(*(list(part) for part in zip(*drawn, strict=True)))


def _sentence(rng, names):
    """One sentence and its tags."""
    words, tags = [], []

    def one_of(choices):
        return choices[rng.integers(len(choices))]

    def outside(text):
        words.append(text)
        tags.append("O")

    def name(kind):
        choices = names[kind]
        if kind == "PER" and rng.random() < 0.4:
            choices = [one for one in choices if " " not in one]
        parts = one_of(choices).split()
        words.extend(parts)
        tags.extend([f"B-{kind}", *[f"I-{kind}"] * (len(parts) - 1)])

    for slot in one_of(_SENTENCES).split():
        if slot in ENTITY_KINDS:
            name(slot)
        elif slot.removesuffix("S") in ENTITY_KINDS:
            for left in reversed(range(rng.integers(1, 4))):
                name(slot[:-1])
                if left:
                    outside("and" if left == 1 else ",")
        else:
            outside(one_of(_WORDS[slot]) if slot in _WORDS else slot)
    if rng.random() < 0.2:
        words = [word.lower() for word in words]
    return words, tags
