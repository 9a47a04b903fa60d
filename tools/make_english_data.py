#!/usr/bin/env python3
"""Makes data/english from the data of the Python packages that IFBench's reference checkers use.

    tools/make_english_data.py --tagger DIR --syllables FILE --stop-words FILE

DIR holds NLTK's averaged_perceptron_tagger_eng (its .weights.json and .tagdict.json), FILE is
syllapy's data.csv, and NLTK's corpora/stopwords/english. A development tool: what it writes is
committed, and data/english/README.md says what it is and under which licence.
"""

import argparse
import csv
import json
import pathlib
import sys

# The features of a sentence's first word, of which only these can differ from text to text. The
# key is the letter under which data/english/first_word_tags.tsv files them.
FEATURES = {
    "i suffix ": "s",
    "i pref1 ": "p",
    "i word ": "w",
    "i-1 tag+i word -START- ": "t",
    "i+1 word ": "1",
    "i+1 suffix ": "n",
    "i+2 word ": "2",
}
# And the ones that are the same for every first word, in the order in which they are added up.
CONSTANT = [
    "bias",
    "i-1 tag -START-",
    "i-2 tag -START2-",
    "i tag+i-2 tag -START- -START2-",
    "i-1 word -START2-",
    "i-1 suffix T2-",
    "i-2 word -START-",
]


def tagger_lines(directory):
    stem = pathlib.Path(directory) / "averaged_perceptron_tagger_eng"
    weights = json.loads(pathlib.Path(f"{stem}.weights.json").read_text())
    tags = json.loads(pathlib.Path(f"{stem}.tagdict.json").read_text())
    lines = []
    for feature, by_tag in weights.items():
        key = None
        if feature in CONSTANT:
            key = f"c {feature}"
        for prefix, letter in FEATURES.items():
            if feature.startswith(prefix):
                key = f"{letter} {feature[len(prefix):]}"
        if key is None:
            continue
        thousandths = []
        for tag, weight in sorted(by_tag.items()):
            n = round(weight * 1000)
            if n / 1000 != weight:
                sys.exit(f"{feature}: {weight} is not a whole number of thousandths")
            thousandths.append(f"{tag} {n}")
        lines.append(key + "\t" + " ".join(thousandths))
    lines += [f"d {word}\t{tag}" for word, tag in tags.items()]
    for line in lines:
        if "\n" in line or line.count("\t") != 1:
            sys.exit(f"cannot be written as a line: {line!r}")
    # In byte order of the keys, so that the reader can search the file as it is.
    return sorted(lines, key=lambda line: line.split("\t")[0].encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--tagger", required=True)
    parser.add_argument("--syllables", required=True)
    parser.add_argument("--stop-words", required=True)
    args = parser.parse_args()
    out = pathlib.Path(__file__).resolve().parent.parent / "data" / "english"
    out.mkdir(parents=True, exist_ok=True)

    (out / "first_word_tags.tsv").write_text("\n".join(tagger_lines(args.tagger)) + "\n")

    with open(args.syllables, newline="") as file:
        counts = {row[0]: int(row[1]) for row in csv.reader(file)}
    words = sorted(counts, key=str.encode)
    (out / "syllables.tsv").write_text("".join(f"{word}\t{counts[word]}\n" for word in words))

    stop_words = pathlib.Path(args.stop_words).read_text().split()
    (out / "stop_words.txt").write_text("".join(f"{word}\n" for word in sorted(stop_words)))


if __name__ == "__main__":
    main()
