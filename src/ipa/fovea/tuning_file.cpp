/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Validation of tuning files
 */

#include "tuning_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <errno.h>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <string.h>

#include <yaml-cpp/yaml.h>

#include "tuning_schema.h"

/**
 * \file tuning_file.h
 * \brief Validation of tuning files
 *
 * libcamera's YAML parser keeps no line numbers, and libipa's algorithms take
 * any number that parses. A tuning file is therefore checked here as a whole,
 * before it is handed to them.
 */

namespace libcamera {

namespace ipa::fovea::tuning {

namespace {

/* The largest file that is read; real ones have a few kilobytes. */
constexpr size_t kMaxFileSize = 1 << 20;

class Validator
{
public:
	Validator(const std::string &name)
		: name_(name)
	{
	}

	bool check(const YAML::Node &node, const Schema &schema, const std::string &field);
	bool fail(const YAML::Mark &mark, const std::string &field,
		  const std::string &problem);

	const std::string &message() const { return message_; }

private:
	bool checkScalar(const YAML::Node &node, const Schema &schema,
			 const std::string &field);
	bool checkChoice(const YAML::Node &node, const Schema &schema,
			 const std::string &field);
	bool checkList(const YAML::Node &node, const Schema &schema,
		       const std::string &field);
	bool checkPoints(const YAML::Node &node, const Schema &schema,
			 const std::string &field);
	bool checkDictionary(const YAML::Node &node, const Schema &schema,
			     const std::string &field);
	bool checkAlgorithms(const YAML::Node &node, const Schema &schema,
			     const std::string &field);
	bool checkMember(const YAML::Node &key, const YAML::Node &value,
			 const Schema &schema, const std::string &field);
	bool checkRelations(const YAML::Node &node, const std::string &field);

	YAML::Mark mark(const YAML::Node &node) const;

	std::string name_;
	std::string message_;
	YAML::Mark key_;
};

std::string text(double value)
{
	std::ostringstream stream;
	stream.precision(10);
	stream << value;
	return stream.str();
}

/* Names of the members, for a message. */
std::string names(const Schema &schema)
{
	std::string list;
	for (const Member &member : schema.members)
		list += (list.empty() ? "" : ", ") + std::string(member.name);
	return list;
}

/* The whole scalar as a finite decimal number. */
std::optional<double> parseNumber(const YAML::Node &node)
{
	if (!node.IsScalar())
		return {};

	const std::string &scalar = node.Scalar();
	const char *end = scalar.data() + scalar.size();
	double value;
	auto [next, error] = std::from_chars(scalar.data(), end, value);
	if (error != std::errc{} || next != end || !std::isfinite(value))
		return {};

	return value;
}

std::optional<double> parseInteger(const YAML::Node &node)
{
	if (!node.IsScalar())
		return {};

	const std::string &scalar = node.Scalar();
	const char *end = scalar.data() + scalar.size();
	int32_t value;
	auto [next, error] = std::from_chars(scalar.data(), end, value);
	if (error != std::errc{} || next != end)
		return {};

	return value;
}

std::string join(const std::string &field, const std::string &name)
{
	return field.empty() ? name : field + "." + name;
}

/* A value as it stands in the file, shortened for a message. */
std::string shown(const YAML::Node &node)
{
	constexpr size_t kMaxShown = 40;

	if (node.IsMap())
		return "a dictionary";
	if (node.IsSequence())
		return "a list";
	if (!node.IsScalar())
		return "nothing";
	if (node.Scalar().size() > kMaxShown)
		return "'" + node.Scalar().substr(0, kMaxShown) + "...'";
	return "'" + node.Scalar() + "'";
}

bool Validator::fail(const YAML::Mark &mark, const std::string &field,
		     const std::string &problem)
{
	message_ = name_ + ":" + std::to_string(mark.line + 1) + ": " +
		   (field.empty() ? "" : field + ": ") + problem +
		   "; correct the file (docs/tuning.md has all fields)";
	return false;
}

/* An absent value has the mark of whatever follows it; its key is meant. */
YAML::Mark Validator::mark(const YAML::Node &node) const
{
	return node.IsNull() ? key_ : node.Mark();
}

bool Validator::check(const YAML::Node &node, const Schema &schema,
		      const std::string &field)
{
	switch (schema.kind) {
	case Schema::Kind::Number:
	case Schema::Kind::Integer:
		return checkScalar(node, schema, field);
	case Schema::Kind::Boolean:
		if (node.IsScalar() && (node.Scalar() == "true" || node.Scalar() == "false"))
			return true;
		return fail(mark(node), field, "found " + shown(node) + ", expected true or false");
	case Schema::Kind::Choice:
		return checkChoice(node, schema, field);
	case Schema::Kind::List:
		return checkList(node, schema, field);
	case Schema::Kind::Points:
		return checkPoints(node, schema, field);
	case Schema::Kind::Dictionary:
		return checkDictionary(node, schema, field);
	case Schema::Kind::Algorithms:
		return checkAlgorithms(node, schema, field);
	}

	return false;
}

bool Validator::checkScalar(const YAML::Node &node, const Schema &schema,
			    const std::string &field)
{
	const bool integer = schema.kind == Schema::Kind::Integer;
	std::optional<double> value = integer ? parseInteger(node) : parseNumber(node);
	if (value && *value >= schema.min && *value <= schema.max)
		return true;

	return fail(mark(node), field,
		    "found " + shown(node) + ", expected " +
			    (integer ? "an integer" : "a number") + " from " +
			    text(schema.min) + " to " + text(schema.max));
}

bool Validator::checkChoice(const YAML::Node &node, const Schema &schema,
			    const std::string &field)
{
	std::string list;
	for (const char *choice : schema.choices) {
		if (node.IsScalar() && node.Scalar() == choice)
			return true;
		list += (list.empty() ? "" : " or ") + std::string(choice);
	}

	return fail(mark(node), field, "found " + shown(node) + ", expected " + list);
}

bool Validator::checkList(const YAML::Node &node, const Schema &schema,
			  const std::string &field)
{
	if (!node.IsSequence() || node.size() < schema.minCount ||
	    node.size() > schema.maxCount) {
		const std::string count =
			schema.minCount == schema.maxCount
				? std::to_string(schema.minCount)
				: std::to_string(schema.minCount) + " to " +
					  std::to_string(schema.maxCount);
		return fail(mark(node), field,
			    "found " + shown(node) +
				    (node.IsSequence() ? " of " + std::to_string(node.size()) : "") +
				    ", expected a list of " + count + " elements");
	}

	for (size_t i = 0; i < node.size(); i++) {
		if (!check(node[i], *schema.element, field + "[" + std::to_string(i) + "]"))
			return false;
	}

	return checkRelations(node, field);
}

bool Validator::checkPoints(const YAML::Node &node, const Schema &schema,
			    const std::string &field)
{
	if (!node.IsSequence() || node.size() % 2 || node.size() < 2 * schema.minCount ||
	    node.size() > 2 * schema.maxCount)
		return fail(mark(node), field,
			    "found " + shown(node) + ", expected a list of " +
				    std::to_string(schema.minCount) + " to " +
				    std::to_string(schema.maxCount) + " pairs x, y");

	const Schema y{ Schema::Kind::Number, schema.min, schema.max, 0, 0, nullptr, {}, {} };
	double last = -INFINITY;
	for (size_t i = 0; i < node.size(); i += 2) {
		const std::string element = field + "[" + std::to_string(i) + "]";
		if (!check(node[i], *schema.element, element) ||
		    !check(node[i + 1], y, field + "[" + std::to_string(i + 1) + "]"))
			return false;

		const double x = *parseNumber(node[i]);
		if (x <= last)
			return fail(node[i].Mark(), element,
				    "found " + text(x) + ", expected more than " +
					    text(last) + ", the x before it");
		last = x;
	}

	return true;
}

/* One entry of a dictionary: the name is known and the value fits. */
bool Validator::checkMember(const YAML::Node &key, const YAML::Node &value,
			    const Schema &schema, const std::string &field)
{
	const std::string name = key.IsScalar() ? key.Scalar() : std::string();
	auto it = std::find_if(schema.members.begin(), schema.members.end(),
			       [&name](const Member &member) { return name == member.name; });
	if (it == schema.members.end())
		return fail(key.Mark(), field,
			    "found " + shown(key) + ", expected one of " + names(schema));

	key_ = key.Mark();

	return check(value, *it->schema, join(field, name));
}

bool Validator::checkDictionary(const YAML::Node &node, const Schema &schema,
				const std::string &field)
{
	if (!node.IsMap() && !node.IsNull())
		return fail(mark(node), field,
			    "found " + shown(node) + ", expected a dictionary of " + names(schema));

	std::set<std::string> seen;
	for (const auto &entry : node) {
		if (!checkMember(entry.first, entry.second, schema, field))
			return false;
		if (!seen.insert(entry.first.Scalar()).second)
			return fail(entry.first.Mark(), join(field, entry.first.Scalar()),
				    "given twice, expected once");
	}

	for (const Member &member : schema.members) {
		if (member.required && !seen.count(member.name))
			return fail(mark(node), field,
				    "'" + std::string(member.name) + "' is missing");
	}

	return checkRelations(node, field);
}

/* A list of dictionaries of one entry each, the name of an algorithm. */
bool Validator::checkAlgorithms(const YAML::Node &node, const Schema &schema,
				const std::string &field)
{
	if (!node.IsSequence() || node.size() < schema.minCount)
		return fail(mark(node), field,
			    "found " + shown(node) + ", expected a list of algorithms: " +
				    names(schema));

	std::set<std::string> seen;
	for (const auto &algorithm : node) {
		if (!algorithm.IsMap() || algorithm.size() != 1)
			return fail(mark(algorithm), field,
				    "found " + shown(algorithm) +
					    ", expected one algorithm with a colon behind its name: " +
					    names(schema));

		const auto entry = *algorithm.begin();
		if (!checkMember(entry.first, entry.second, schema, field))
			return false;
		if (!seen.insert(entry.first.Scalar()).second)
			return fail(entry.first.Mark(), join(field, entry.first.Scalar()),
				    "listed twice, expected once");
	}

	return true;
}

/* What no range of a single field can tell. */
bool Validator::checkRelations(const YAML::Node &node, const std::string &field)
{
	auto less = [&](const char *low, const char *high) {
		if (!node.IsMap() || !node[low] || !node[high])
			return true;
		if (*parseNumber(node[low]) < *parseNumber(node[high]))
			return true;
		return fail(node[high].Mark(), join(field, high),
			    "found " + shown(node[high]) + ", expected more than " + low +
				    ", " + node[low].Scalar());
	};
	auto sameLength = [&](const char *first, const char *second) {
		if (!node.IsMap() || !node[first] || !node[second] ||
		    node[first].size() == node[second].size())
			return true;
		return fail(node[second].Mark(), join(field, second),
			    "found " + std::to_string(node[second].size()) +
				    " elements, expected " + std::to_string(node[first].size()) +
				    ", as many as " + first);
	};

	if (!less("qLo", "qHi") || !less("lo", "hi") ||
	    !sameLength("exposureTime", "gain") || !sameLength("ct", "probability"))
		return false;

	if (!node.IsSequence())
		return true;

	for (size_t i = 1; i < node.size(); i++) {
		if (!node[i].IsMap() || !node[i]["ct"] || !node[i]["ct"].IsScalar())
			continue;
		const double last = *parseNumber(node[i - 1]["ct"]);
		if (*parseNumber(node[i]["ct"]) <= last)
			return fail(node[i]["ct"].Mark(),
				    field + "[" + std::to_string(i) + "].ct",
				    "found " + shown(node[i]["ct"]) + ", expected more than " +
					    text(last) + ", the ct before it");
	}

	return true;
}

} /* namespace */

/**
 * \brief Validate the text of a tuning file
 * \param[in] text The text
 * \param[in] name Name for messages
 * \param[out] message Set on failure: file, line, field, what was found and what
 * was expected
 *
 * \return 0, or -EINVAL if the text is malformed
 */
int validateText(const std::string &text, const std::string &name,
		 std::string *message)
{
	Validator validator(name);

	try {
		YAML::Node root = YAML::Load(text);
		if (root.IsNull()) {
			*message = name + ":1: the file is empty; copy tuning/uncalibrated.yaml to begin with";
			return -EINVAL;
		}

		if (validator.check(root, kTuningSchema, ""))
			return 0;
	} catch (const YAML::Exception &exception) {
		validator.fail(exception.mark, "", exception.msg);
	}

	*message = validator.message();
	return -EINVAL;
}

/**
 * \brief Validate a tuning file
 * \param[in] path Path of the file
 * \param[out] message Set on failure
 *
 * \return 0, -EINVAL if the file is malformed, -EFBIG if it is too large, or the
 * error of opening it
 */
int validateFile(const std::string &path, std::string *message)
{
	errno = 0;
	std::ifstream file(path, std::ios::binary);
	std::string content;
	if (file) {
		content.resize(kMaxFileSize + 1);
		file.read(content.data(), content.size());
		content.resize(file.gcount());
	}

	if (!file.is_open() || file.bad()) {
		int ret = errno ? -errno : -EIO;
		*message = path + ": cannot be read: " + strerror(-ret) +
			   "; check the path and its permissions";
		return ret;
	}

	if (content.size() > kMaxFileSize) {
		*message = path + ": larger than " + std::to_string(kMaxFileSize) +
			   " bytes; is it a tuning file?";
		return -EFBIG;
	}

	return validateText(content, path, message);
}

} /* namespace ipa::fovea::tuning */

} /* namespace libcamera */
