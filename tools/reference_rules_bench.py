#!/usr/bin/env python3
"""Times the reference checkers as bench/rules.cc times ours: verdicts per second, one thread.

  tools/reference_rules_bench.py CHECKOUT FOLDER [--package instruction_following_eval]

CHECKOUT is a folder on the import path, such as a checkout of google-research (IFEval, the default package) or of
IFBench (--package ""). FOLDER holds input_data.jsonl and responses.jsonl. Needs what the reference needs (nltk with its
punkt data, langdetect, absl). One verdict is one instruction on one response, strict and loose.
"""

import argparse
import collections
import importlib
import json
import logging
import pathlib
import sys
import time


def read_rows(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def variants(response):
    """The eight texts of loose evaluation."""
    lines = response.split("\n")
    cut = [response] + ["\n".join(part).strip() for part in (lines[1:], lines[:-1], lines[1:-1])]
    return cut + [text.replace("*", "") for text in cut]


def verdict(checker, response):
    def follows(text):
        return bool(text.strip()) and bool(checker.check_following(text))

    return follows(response), any(follows(text) for text in variants(response))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--package", default="instruction_following_eval")
    parser.add_argument("--rounds", type=int, default=3, help="the fastest counts")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    sys.path.insert(0, options.checkout)
    prefix = options.package + "." if options.package else ""
    registry = importlib.import_module(prefix + "instructions_registry").INSTRUCTION_DICT

    responses = {row["key"]: row["response"] for row in read_rows(options.folder / "responses.jsonl")}
    totals = collections.defaultdict(lambda: [0, 0.0])
    for row in read_rows(options.folder / "input_data.jsonl"):
        if row["key"] not in responses:
            continue
        for name, kwargs in zip(row["instruction_id_list"], row["kwargs"]):
            checker = registry[name](name)
            kwargs = {key: value for key, value in kwargs.items() if value is not None}
            checker.build_description(**kwargs)
            needed = checker.get_instruction_args()
            if needed and "prompt" in needed:
                checker.build_description(prompt=row["prompt"])
            best = float("inf")
            for _ in range(options.rounds):
                start = time.perf_counter()
                verdict(checker, responses[row["key"]])
                best = min(best, time.perf_counter() - start)
            for total in (totals[name], totals[str(options.folder)]):
                total[0] += 1
                total[1] += best
    for name in sorted(totals, key=lambda name: (name == str(options.folder), name)):
        count, seconds = totals[name]
        print(f"{name:48} {count:6} verdicts {count / seconds:12.0f} /s {seconds / count * 1e6:10.2f} us each")


if __name__ == "__main__":
    main()
