"""Measure everything that has a budget, and end with one table.

python -m benchmarks.all
"""

from benchmarks import book, layers, page, word2vec
from benchmarks.budgets import show


def main():
    measures = []
    # The book is built first, so that its pages are those of today.
    for part in (book, page, layers, word2vec):
        print(f"\n{part.__name__.rpartition('.')[-1]}: {part.__doc__.splitlines()[0]}\n")
        measures += part.main()
    print("\nEvery budget (two cores)\n")
    show(measures)


if __name__ == "__main__":
    main()
