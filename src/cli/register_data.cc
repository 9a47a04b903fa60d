// data list, show, import, fetch, validate, card and fresh.
#include "authoring/fresh.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/options.h"

namespace iie {

void register_data(CommandLine& line) {
  line.add_group("data", "List, show, import, fetch and check datasets");

  auto [list_command, list] =
      line.add<DataOptions>("data list", "The datasets and where they are", cmd_data_list);
  add_output(list_command, list.output, kListFormats);

  auto [show_command, show] = line.add<DataOptions>(
      "data show", "Counts of a dataset, or one sample of it", cmd_data_show, R"(
Examples:
  inverse-ifeval data show open
  inverse-ifeval data show questions.csv --format json
  inverse-ifeval data show open qc-001-en)");
  show_command.option("dataset", show.name, "Name or file").required().type("NAME|FILE");
  show_command.option("sample", show.sample, "Sample id").type("SAMPLE");
  add_output(show_command, show.output, kListFormats);

  auto [import_command, import] = line.add<DataOptions>(
      "data import", "Check any supported file and write it as native JSONL", cmd_data_import);
  import_command.option("dataset", import.name, "Name or file").required().type("NAME|FILE");
  import_command.option("--out,-o", import.out, "File to write (default standard output)")
      .type("FILE");
  add_output(import_command, import.output, kListFormats);

  auto [fetch_command, fetch] = line.add<DataOptions>(
      "data fetch", "Download a dataset at its pinned revision into the cache", cmd_data_fetch, R"(
NAME is official, nemotron, ifeval or ifbench. HF_ENDPOINT names another hub or a
mirror, HF_TOKEN is sent as bearer token. What was fetched is checked by count and
hash, and kept under XDG_CACHE_HOME.)");
  fetch_command.option("dataset", fetch.name, "Name").required().type("NAME");
  fetch_command.flag("--force", fetch.force, "Fetch again although it is cached");
  add_output(fetch_command, fetch.output, kListFormats);

  auto [validate_command, validate] = line.add<DataValidateOptions>(
      "data validate", "Check a dataset: fields, pairs, gold, duplicates, balance",
      cmd_data_validate, R"(
Without a name all embedded questions are checked. Several files make one set. Mix and
balance are checked of whole sets (a name, a folder), not of single files. Exit code 0
only where there is no error (with --strict: and no warning).

Examples:
  inverse-ifeval data validate
  inverse-ifeval data validate new.jsonl --against open
  inverse-ifeval data validate data/open data/further --strict --format json)");
  validate_command
      .option("dataset", validate.names, "Names, files or folders (default: open+further)")
      .type("NAME|FILE...");
  validate_command
      .option("--against", validate.against, "Other datasets whose questions must not be repeated")
      .type("NAME|FILE...");
  validate_command.flag("--strict", validate.strict, "Warnings fail too");
  add_output(validate_command, validate.output, kListFormats);

  auto [card_command, card] = line.add<DataCardOptions>(
      "data card", "The dataset card: what a set holds, as Markdown", cmd_data_card);
  card_command.option("dataset", card.name, "Name, file or folder (default: open)")
      .type("NAME|FILE");
  card_command.option("--out,-o", card.out, "File to write (default standard output)").type("FILE");
  add_output(card_command, card.output, kListFormats);

  auto [fresh_command, fresh] = line.add<DataFreshOptions>(
      "data fresh", "New questions from a seed, checked by rules", cmd_data_fresh, R"(
Native JSONL: an English and a Chinese form of each question. The same seed gives the
same bytes everywhere; another seed gives other questions.

Examples:
  inverse-ifeval data fresh --seed 7 --count 200 --out fresh.jsonl
  inverse-ifeval run --model openai:NAME --dataset fresh.jsonl --judge rules)");
  fresh_command.option("--seed", fresh.seed, "Which questions")
      .whole_number(0)
      .required()
      .type("N");
  fresh_command.option("--count", fresh.count, "How many items (default 100)")
      .whole_number(1, kMaxFresh)
      .type("N");
  fresh_command
      .option("--types,--type", fresh.types,
              "Instruction types (default: all eight, in the paper's mix)")
      .delimiter(',')
      .type("TYPE,...");
  fresh_command.option("--language", fresh.language, "english or chinese (default: pairs of both)")
      .type("LANGUAGE");
  fresh_command.option("--out,-o", fresh.out, "File to write (default standard output)")
      .type("FILE");
  add_output(fresh_command, fresh.output, kListFormats);
}

}  // namespace iie
