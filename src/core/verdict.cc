#include "core/verdict.h"

#include <boost/json/value.hpp>

#include "base/json.h"
#include "core/names.h"

namespace iie {
namespace {

namespace bj = boost::json;

constexpr NameTable<Outcome, 3> kOutcomes = {
    {{Outcome::pass, "pass"}, {Outcome::fail, "fail"}, {Outcome::unscored, "unscored"}}};
constexpr NameTable<UnscoredReason, 7> kReasons = {
    {{UnscoredReason::none, "none"},
     {UnscoredReason::needs_judge, "needs_judge"},
     {UnscoredReason::unreadable_reply, "unreadable_reply"},
     {UnscoredReason::judge_failed, "judge_failed"},
     {UnscoredReason::no_response, "no_response"},
     {UnscoredReason::no_checker, "no_checker"},
     {UnscoredReason::panel_undecided, "panel_undecided"}}};

}  // namespace

std::string_view to_string(Outcome outcome) { return name_of(kOutcomes, outcome); }
std::optional<Outcome> outcome_from(std::string_view name) { return value_of(kOutcomes, name); }
std::string_view to_string(UnscoredReason reason) { return name_of(kReasons, reason); }
std::optional<UnscoredReason> unscored_reason_from(std::string_view name) {
  return value_of(kReasons, name);
}

std::string criteria_to_json(const std::vector<CriterionVerdict>& criteria) {
  std::string out = "[";
  for (const CriterionVerdict& criterion : criteria) {
    if (out.size() > 1) out += ',';
    out += R"({"id":)";
    append_json_string(out, criterion.id);
    out += R"(,"outcome":)";
    append_json_string(out, to_string(criterion.outcome));
    out += R"(,"reason":)";
    append_json_string(out, criterion.reason);
    if (criterion.loose) out += *criterion.loose ? R"(,"loose":true)" : R"(,"loose":false)";
    out += '}';
  }
  return out += ']';
}

std::vector<CriterionVerdict> criteria_from_json(std::string_view json) {
  std::vector<CriterionVerdict> criteria;
  const auto document = parse_json(json);
  if (!document || !document->is_array()) return {};
  for (const bj::value& element : document->get_array()) {
    JsonFields fields(element, "");
    CriterionVerdict criterion;
    criterion.id = fields.required_string("id");
    const auto outcome = outcome_from(fields.required_string("outcome"));
    criterion.reason = fields.string_or("reason", "");
    if (fields.has("loose")) criterion.loose = fields.bool_or("loose", false);
    if (!fields.ok() || !outcome) return {};
    criterion.outcome = *outcome;
    criteria.push_back(std::move(criterion));
  }
  return criteria;
}

std::string members_to_json(const std::vector<MemberVerdict>& members) {
  bj::array array;
  for (const MemberVerdict& member : members) {
    bj::object one{{"judge", member.judge}, {"outcome", to_string(member.outcome)}};
    if (member.unscored != UnscoredReason::none) {
      one.emplace("unscored", to_string(member.unscored));
    }
    one.emplace("reason", member.reason);
    array.push_back(std::move(one));
  }
  return to_json(array);
}

std::vector<MemberVerdict> members_from_json(std::string_view json) {
  std::vector<MemberVerdict> members;
  const auto document = parse_json(json);
  if (!document || !document->is_array()) return {};
  for (const bj::value& element : document->get_array()) {
    JsonFields fields(element, "");
    MemberVerdict member;
    member.judge = fields.required_string("judge");
    const auto outcome = outcome_from(fields.required_string("outcome"));
    const auto why = unscored_reason_from(fields.string_or("unscored", "none"));
    member.reason = fields.string_or("reason", "");
    if (!fields.ok() || !outcome || !why) return {};
    member.outcome = *outcome;
    member.unscored = *why;
    members.push_back(std::move(member));
  }
  return members;
}

}  // namespace iie
