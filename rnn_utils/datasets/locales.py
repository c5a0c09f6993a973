"""Names and dates in hundreds of languages, from the Unicode CLDR."""

import random
from datetime import date, timedelta
from typing import NamedTuple

from rnn_utils.checks import integer_from
from rnn_utils.datasets.packages import imported

# The world's parts and what stands for no place, among the two-letter codes of territories.
_NO_PLACES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
_NO_LANGUAGES = {"mul", "und", "zxx"}
_FIRST_DAY, _LAST_DAY = date(1900, 1, 1), date(2099, 12, 31)


class DatePair(NamedTuple):
    """One day, as people write it and as computers do."""

    text: str  # "Friday, June 5, 1987"
    iso: str  # "1987-06-05"
    locale: str  # "en"


def load_places(locale="en"):
    """Countries and territories, and what they are called in one language.

    They are the Unicode CLDR's, which Babel brings, so they need no network. Unicode License v3.

    Parameters
    ----------
    locale : str
        A language, and if you like a country: "en", "de", "pt_BR", "zh_Hant".

    Returns
    -------
    dict of str to str
        About 260 names by their ISO 3166 code, which is the same in all languages; in the order
        of the codes.

    Raises
    ------
    ImportError
        If Babel is not installed.
    ValueError
        If Babel does not know the locale.

    Examples
    --------
    >>> load_places("de")["NZ"], load_places("fi")["NZ"]
    ('Neuseeland', 'Uusi-Seelanti')
    """
    names = _locale(locale).territories
    return {
        code: names[code] for code in sorted(names) if len(code) == 2 and code not in _NO_PLACES
    }


def load_place_names(locale="en"):
    """Names of countries and territories in one language, without their codes.

    Parameters
    ----------
    locale : str
        As for `load_places`.

    Returns
    -------
    list of str
        About 260 names in the order of their code points, each once.

    Raises
    ------
    ImportError, ValueError
        As `load_places`.

    Examples
    --------
    >>> names = load_place_names("de")
    >>> names[:3], "Neuseeland" in names
    (['Afghanistan', 'Albanien', 'Algerien'], True)
    """
    return sorted(set(load_places(locale).values()))


def load_language_names(locale="en"):
    """Names of languages in one language.

    They are the Unicode CLDR's, which Babel brings, so they need no network. Unicode License v3.

    Parameters
    ----------
    locale : str
        A language, and if you like a country: "en", "de", "pt_BR", "zh_Hant".

    Returns
    -------
    list of str
        The names in the order of their code points, each once: 600 and more in English, fewer in a
        language in which not all are known. Varieties such as "British English" are left out.

    Raises
    ------
    ImportError
        If Babel is not installed.
    ValueError
        If Babel does not know the locale.

    Examples
    --------
    >>> "anglais" in load_language_names("fr")
    True
    """
    names = _locale(locale).languages
    return sorted(
        {name for code, name in names.items() if "_" not in code and code not in _NO_LANGUAGES}
    )


def load_dates(n, locales=("en",), seed=0):
    """Random days, each written in one of the ways people write dates, and in ISO 8601.

    Day, locale and format are drawn at random. The four formats are the CLDR's of the locale: in
    English 6/5/1987; Jun 5, 1987; June 5, 1987; Friday, June 5, 1987. Every one tells the whole
    year. Which of 6 and 5 is the month depends on the locale.

    Parameters
    ----------
    n : int
        How many, at least 0.
    locales : str or sequence of str
        One or several of what `load_place_names` takes.
    seed : int
        At least 0.

    Returns
    -------
    list of DatePair, n of them
        Days from 1900-01-01 to 2099-12-31.

    Raises
    ------
    ImportError
        If Babel is not installed.
    ValueError
        If Babel does not know a locale, there is none, or a number is not an integer in its range.

    Examples
    --------
    >>> pairs = load_dates(100, locales=["en", "fr"])
    >>> pairs[0]._fields, {pair.locale for pair in pairs} == {"en", "fr"}
    (('text', 'iso', 'locale'), True)
    """
    n, seed = integer_from("n", n, 0), integer_from("seed", seed, 0)
    locales = [locales] if isinstance(locales, str) else list(locales)
    if not locales:
        raise ValueError("locales must be one locale or more, got none")
    known = {name: _locale(name) for name in locales}
    dates, rng = imported("babel.dates"), random.Random(seed)
    pairs = []
    for _ in range(n):
        name = rng.choice(locales)
        day = _FIRST_DAY + timedelta(rng.randint(0, (_LAST_DAY - _FIRST_DAY).days))
        style = rng.choice(["numeric", "medium", "long", "full"])
        if style == "numeric":  # CLDR's own short format may leave out the century
            text = dates.format_skeleton("yMd", day, locale=known[name])
        else:
            text = dates.format_date(day, style, locale=known[name])
        pairs.append(DatePair(text, day.isoformat(), name))
    return pairs


def _locale(name):
    """Babel's object for a locale."""
    core = imported("babel.core")
    try:
        return core.Locale.parse(name)
    except (core.UnknownLocaleError, ValueError, TypeError):
        raise ValueError(
            f"locale must be one that Babel knows, such as 'en', 'de' or 'pt_BR', got {name!r}"
        ) from None
