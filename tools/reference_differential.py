#!/usr/bin/env python3
"""Compares our verdicts on instructions with the reference checkers' on text made up for it.

  tools/reference_differential.py CHECKOUT --package if_verifiable.ifbench [--cases 200] [--seed 1]
      [--responses FILE ...] [--binary build/inverse-ifeval]

CHECKOUT is a folder on the import path, --package what in it holds instructions_registry ("" for a checkout of IFBench).
Texts are those of test/cases/instructions/ifbench.txt, whose instructions are asked, mutated; recorded responses,
mutated; and strings of words, marks and white space that tokenizers stumble over. The verdicts are those of
`score --verdicts`: strict and loose. Prints what differs, and per instruction how many were met. Needs what the
reference needs (nltk with its data, emoji, syllapy, langdetect).

Texts on which the reference raises an exception are left out, and counted.
"""

import argparse
import collections
import importlib
import json
import logging
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

WORDS = (
    "the a and but So tea milk Tea eat radar level she They I it's can't don't re-do U.S. e.g. i.e. Ph.D. Mr. Mrs. Dr. "
    "St. Prof. Inc. Ltd. Co. He It However This www.x.com x.io 3.14 1.2.3 1,234.5 A. B. c. N.A.S.A. Emma Liam Gracefully "
    "Write Running Let To 2019 10 7th -dash x² ½ ٣٤ école ΣΑΣ straße İstanbul 日本 カタカナ 中文 한국 (a) [b] {c} <i> </i> "
    "<prd> <stop> Question yes no a) b) !?!? rhythm people"
).split()
MARKS = [".", ".", "?", "!", ",", ";", ":", "...", "?!", "‽", '"', "'", "“", "”", "-", "*", "—", "(", ")", "/", '."']
MARKS += ["'\"'", '""', "😀", "❤️", "👍🏽", "™", "1️⃣", "🇩🇪", "\u200d", "\u0301"]
SPACES = [" "] * 6 + ["\n", "\n\n", "  ", "\t", "\u00a0", "\u3000", "\x1c", "\x0b", "\r", "\u2028", "\x85", "\u200b", "\n \n"]


def read_cases(path):
    """(instruction, kwargs, text) of each case; the blank line before the next mark is not part of the text."""
    cases, rule, text = [], None, None

    def finish():
        if text is not None:
            cases.append((*rule, "\n".join(text[:-1] if text and not text[-1] else text)))

    for line in path.read_text(encoding="utf-8").split("\n"):
        if not line.startswith("%% "):
            if text is not None:
                text.append(line)
            continue
        finish()
        text = None
        word, _, rest = line[3:].partition(" ")
        if word == "rule":
            name, _, kwargs = rest.partition(" ")
            rule = (name, json.loads(kwargs) if kwargs else {})
        elif word in ("met", "broken"):
            text = []
    finish()
    return cases


def mutate(rng, text):
    for _ in range(rng.choice([1, 1, 2, 4])):
        i, j = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        kind = rng.random()
        if kind < 0.3:
            text = text[:i] + text[i + rng.choice([1, 1, 2, 5]) :]
        elif kind < 0.7:
            text = text[:i] + rng.choice(MARKS + SPACES + WORDS) + text[i:]
        elif kind < 0.85:
            text = text[:i] + text[i : i + 8].swapcase() + text[i + 8 :]
        else:
            text = text[:j] + text[i:j][:40] + text[j:]
    return text


def made_up(rng):
    parts = []
    for _ in range(rng.choice([1, 2, 3, 5, 8, 13, 25, 50])):
        parts.append(rng.choice(WORDS if rng.random() < 0.6 else MARKS))
        if rng.random() < 0.6:
            parts.append(rng.choice(SPACES))
    return "".join(parts)


def variants(response):
    """The eight texts of loose evaluation."""
    lines = response.split("\n")
    cut = [response] + ["\n".join(part).strip() for part in (lines[1:], lines[:-1], lines[1:-1])]
    return cut + [text.replace("*", "") for text in cut]


def reference_verdict(checker, response):
    """(strict, loose), or None where the checker raises."""

    def follows(text):
        return bool(text.strip()) and bool(checker.check_following(text))

    try:
        return follows(response), any(follows(text) for text in variants(response))
    except Exception:  # whatever it stumbles over
        return None


def our_verdicts(binary, cases):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        with open(folder / "data.jsonl", "w") as data, open(folder / "responses.jsonl", "w") as responses:
            for key, (name, kwargs, text) in enumerate(cases):
                row = {"key": key, "prompt": f"Prompt {key}", "instruction_id_list": [name], "kwargs": [kwargs]}
                data.write(json.dumps(row) + "\n")
                responses.write(json.dumps({"key": key, "response": text}) + "\n")
        command = [binary, "score", "responses.jsonl", "--dataset", "data.jsonl", "--judge", "rules", "--quiet"]
        command += ["--store", "memory", "--verdicts", "verdicts.jsonl", "--out", "report"]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        rows = [json.loads(line) for line in open(folder / "verdicts.jsonl")]
    return {row["key"]: (row["strict"][0], row["loose"][0]) for row in rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout")
    parser.add_argument("--package", default="")
    parser.add_argument("--cases", type=int, default=200, help="for each instruction")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--responses", type=pathlib.Path, nargs="*", default=[], help="recorded, with 'response'")
    parser.add_argument("--binary", default=str(ROOT / "build" / "inverse-ifeval"))
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    sys.path.insert(0, options.checkout)
    prefix = options.package + "." if options.package else ""
    registry = importlib.import_module(prefix + "instructions_registry").INSTRUCTION_DICT

    rng = random.Random(options.seed)
    recorded = [json.loads(line)["response"] for file in options.responses for line in open(file, encoding="utf-8")]
    by_name = collections.defaultdict(list)
    for name, kwargs, text in read_cases(ROOT / "test" / "cases" / "instructions" / "ifbench.txt"):
        by_name[name].append((kwargs, text))
    cases = []
    for name, seeds in by_name.items():
        for _ in range(options.cases):
            kwargs, text = rng.choice(seeds)
            kind = rng.random()
            if kind < 0.15:
                text = made_up(rng)
            elif kind < 0.3 and recorded:
                text = mutate(rng, rng.choice(recorded))
            elif kind < 0.9:
                text = mutate(rng, text)
            if not any(char.isprintable() and not char.isspace() for char in text):
                text += "tea"  # invisible characters alone are a blank response here, whatever is asked
            cases.append((name, kwargs, text))

    ours = our_verdicts(options.binary, cases)
    met, differences, raised = collections.Counter(), 0, 0
    for key, (name, kwargs, text) in enumerate(cases):
        checker = registry[name](name)
        checker.build_description(**kwargs)
        theirs = reference_verdict(checker, text)
        if theirs is None:
            raised += 1
            continue
        met[name] += theirs[0]
        if ours[key] != theirs:
            differences += 1
            print(f"{name} {json.dumps(kwargs)} {text!r}: ours {ours[key]}, theirs {theirs}")
    for name in sorted(by_name):
        print(f"{name:40}{met[name]:6} of {options.cases} met")
    print(f"{len(cases)} texts, {raised} left out, {differences} differences")
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
