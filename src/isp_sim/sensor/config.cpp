/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Declarative files: YAML fields with ranges and clear errors
 */

#include "isp_sim/sensor/config.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <errno.h>
#include <fstream>
#include <string.h>

#include <fmt/format.h>

namespace fovea::sensor {

namespace {

/* A rig, scene, model or sidecar is a page of text. Refuse what cannot be one. */
constexpr size_t kMaximumTextSize = 1 << 20;

/* yaml-cpp counts from 0, editors count from 1. */
std::string position(const std::string &fileName, const YAML::Mark &mark)
{
	if (mark.is_null())
		return fileName;

	return fmt::format("{}:{}:{}", fileName, mark.line + 1, mark.column + 1);
}

template<typename T>
bool convert(const std::string &text, T *value)
{
	const char *end = text.data() + text.size();
	auto [last, status] = std::from_chars(text.data(), end, *value);

	return status == std::errc{} && last == end;
}

std::string join(std::initializer_list<const char *> words)
{
	return fmt::format("{}", fmt::join(words, ", "));
}

} /* namespace */

/**
 * \class Config
 * \brief One map of a declarative file
 *
 * The reading functions share a pattern. A field that is absent leaves \a value
 * as it is, unless the value passed in says that the field is required: see
 * has(). A field of the wrong type or out of range stores an error of the form
 *
 *   file:line:column: field 'modes[2].width': got '17', expected ...
 *
 * and returns false. Only the first error is kept.
 */

Config::Config(const YAML::Node &node, std::string path, const std::string *fileName,
	       std::string *error)
	: node_(node), path_(std::move(path)), fileName_(fileName), error_(error)
{
}

/**
 * \brief Parse a file's text and read its top-level map
 * \param[in] text The text
 * \param[in] fileName The name to give in errors
 * \param[out] error The first error; empty on success
 * \param[in] read The reader of the map; returns false after an error
 *
 * yaml-cpp reports by exceptions; they end here.
 *
 * \return True if the text is well-formed and \a read accepted it
 */
bool Config::parse(std::string_view text, const std::string &fileName,
		   std::string *error,
		   const std::function<bool(const Config &)> &read)
{
	error->clear();

	if (text.size() > kMaximumTextSize) {
		*error = fmt::format("{}: {} bytes, expected a YAML file of at most {}",
				     fileName, text.size(), kMaximumTextSize);
		return false;
	}

	try {
		YAML::Node root = YAML::Load(std::string(text));
		Config config(root, "", &fileName, error);

		if (!root.IsMap())
			return config.failAt(root, "", "expected a map of fields");

		return read(config);
	} catch (const YAML::Exception &e) {
		*error = fmt::format("{}: not valid YAML: {}", position(fileName, e.mark),
				     e.msg);
		return false;
	}
}

/* A const lookup, as the other one would add the key. */
YAML::Node Config::get(const char *key) const
{
	const YAML::Node &node = node_;

	return node[key];
}

std::string Config::field(const char *key) const
{
	return path_.empty() ? key : path_ + "." + key;
}

bool Config::failAt(const YAML::Node &node, const std::string &field,
		    const std::string &message) const
{
	if (!error_->empty())
		return false;

	YAML::Mark mark = node.IsDefined() ? node.Mark() : node_.Mark();
	std::string where = position(*fileName_, mark);

	*error_ = field.empty() ? fmt::format("{}: {}", where, message)
				: fmt::format("{}: field '{}': {}", where, field, message);
	return false;
}

bool Config::fail(const std::string &message) const
{
	return failAt(node_, path_, message);
}

bool Config::fail(const char *key, const std::string &message) const
{
	return failAt(get(key), field(key), message);
}

bool Config::has(const char *key) const
{
	return get(key).IsDefined();
}

bool Config::isMap(const char *key) const
{
	return has(key) && get(key).IsMap();
}

bool Config::isSequence(const char *key) const
{
	return has(key) && get(key).IsSequence();
}

/* Whether the first element of the list below \a key is a map. */
bool Config::isSequenceOfMaps(const char *key) const
{
	if (!isSequence(key))
		return false;

	const YAML::Node node = get(key);
	return node.size() > 0 && node[0].IsMap();
}

/* Refuse keys that nobody reads: most often a misspelt optional field. */
bool Config::onlyKeys(std::initializer_list<const char *> keys) const
{
	std::vector<std::string> seen;

	for (const auto &item : node_) {
		if (!item.first.IsScalar())
			return failAt(item.first, path_,
				      fmt::format("expected a field name, one of: {}", join(keys)));

		const std::string &name = item.first.Scalar();
		bool known = std::any_of(keys.begin(), keys.end(),
					 [&](const char *key) { return name == key; });
		if (!known)
			return failAt(item.first, field(name.c_str()),
				      fmt::format("unknown field, expected one of: {}", join(keys)));

		if (std::find(seen.begin(), seen.end(), name) != seen.end())
			return failAt(item.first, field(name.c_str()),
				      "given twice, expected once");
		seen.push_back(name);
	}

	return true;
}

/**
 * \brief The map below \a key
 *
 * The caller has checked isMap(key).
 */
Config Config::child(const char *key) const
{
	return Config(get(key), field(key), fileName_, error_);
}

/* The maps of a list below \a key. */
bool Config::children(const char *key, std::vector<Config> *maps) const
{
	constexpr size_t kMaximum = 256;
	YAML::Node node = get(key);

	if (!isSequence(key) || node.size() == 0 || node.size() > kMaximum)
		return failAt(node, field(key),
			      fmt::format("expected a list of 1 to {} maps", kMaximum));

	for (size_t i = 0; i < node.size(); i++) {
		std::string path = fmt::format("{}[{}]", field(key), i);

		if (!node[i].IsMap())
			return failAt(node[i], path, "expected a map of fields");
		maps->push_back(Config(node[i], path, fileName_, error_));
	}

	return true;
}

bool Config::scalar(const char *key, const std::string &expected, std::string *value) const
{
	YAML::Node node = get(key);

	if (!node.IsDefined())
		return failAt(node, field(key), fmt::format("missing, expected {}", expected));
	if (!node.IsScalar())
		return failAt(node, field(key), fmt::format("expected {}", expected));

	*value = node.Scalar();
	return true;
}

/* A required integer from \a min to \a max. */
bool Config::integer(const char *key, int64_t min, int64_t max, int64_t *value) const
{
	std::string expected = fmt::format("an integer from {} to {}", min, max);
	std::string text;

	if (!scalar(key, expected, &text))
		return false;

	if (!convert(text, value) || *value < min || *value > max)
		return fail(key, fmt::format("got '{}', expected {}", text, expected));

	return true;
}

/* A required number from \a min to \a max. */
bool Config::number(const char *key, double min, double max, double *value) const
{
	std::string expected = fmt::format("a number from {} to {}", min, max);
	std::string text;

	if (!scalar(key, expected, &text))
		return false;

	if (!convert(text, value) || !(*value >= min && *value <= max))
		return fail(key, fmt::format("got '{}', expected {}", text, expected));

	return true;
}

/* A required boolean: true or false and nothing else. */
bool Config::boolean(const char *key, bool *value) const
{
	size_t index;

	if (!choice(key, { "false", "true" }, &index))
		return false;

	*value = index;
	return true;
}

/* A required text that is not empty. */
bool Config::text(const char *key, std::string *value) const
{
	if (!scalar(key, "a text", value))
		return false;

	if (value->empty() || value->find('\0') != std::string::npos)
		return fail(key, "expected a text that is not empty");

	return true;
}

/* A required word out of \a choices. */
bool Config::choice(const char *key, std::initializer_list<const char *> choices,
		    size_t *index) const
{
	std::string expected = fmt::format("one of: {}", join(choices));
	std::string text;

	if (!scalar(key, expected, &text))
		return false;

	auto it = std::find_if(choices.begin(), choices.end(),
			       [&](const char *c) { return text == c; });
	if (it == choices.end())
		return fail(key, fmt::format("got '{}', expected {}", text, expected));

	*index = it - choices.begin();
	return true;
}

/* A required list of exactly \a count integers from \a min to \a max. */
bool Config::integers(const char *key, size_t count, int64_t min, int64_t max,
		      std::vector<int64_t> *values) const
{
	std::string expected = fmt::format("a list of {} integers from {} to {}", count, min, max);
	YAML::Node node = get(key);

	if (!isSequence(key) || node.size() != count)
		return fail(key, fmt::format("expected {}", expected));

	values->assign(count, 0);
	for (size_t i = 0; i < count; i++) {
		int64_t &value = (*values)[i];

		if (!node[i].IsScalar() || !convert(node[i].Scalar(), &value) ||
		    value < min || value > max)
			return failAt(node[i], fmt::format("{}[{}]", field(key), i),
				      fmt::format("expected {}", expected));
	}

	return true;
}

/* A required list of exactly \a count numbers from \a min to \a max. */
bool Config::numbers(const char *key, size_t count, double min, double max, double *values) const
{
	std::string expected = fmt::format("a list of {} numbers from {} to {}", count, min, max);
	YAML::Node node = get(key);

	if (!isSequence(key) || node.size() != count)
		return fail(key, fmt::format("expected {}", expected));

	for (size_t i = 0; i < count; i++) {
		if (!node[i].IsScalar() || !convert(node[i].Scalar(), &values[i]) ||
		    !(values[i] >= min && values[i] <= max))
			return failAt(node[i], fmt::format("{}[{}]", field(key), i),
				      fmt::format("expected {}", expected));
	}

	return true;
}

/* A required list of 1 to 1000 lists of \a columns numbers each, -1e6 to 1e6. */
bool Config::rows(const char *key, size_t columns, std::vector<std::vector<double>> *rows) const
{
	constexpr size_t kMaximum = 1000;
	constexpr double kLargest = 1e6;
	const std::string expected = fmt::format("a list of 1 to {} lists of {} numbers from -1e6 to 1e6",
						 kMaximum, columns);
	YAML::Node node = get(key);

	if (!isSequence(key) || node.size() == 0 || node.size() > kMaximum)
		return fail(key, "expected " + expected);

	rows->assign(node.size(), std::vector<double>(columns));
	for (size_t i = 0; i < node.size(); i++) {
		bool good = node[i].IsSequence() && node[i].size() == columns;
		for (size_t k = 0; good && k < columns; k++) {
			double &value = (*rows)[i][k];
			good = node[i][k].IsScalar() && convert(node[i][k].Scalar(), &value) &&
			       value >= -kLargest && value <= kLargest;
		}
		if (!good)
			return failAt(node[i], fmt::format("{}[{}]", field(key), i), "expected " + expected);
	}

	return true;
}

/* A required list of texts. */
bool Config::texts(const char *key, std::vector<std::string> *values) const
{
	YAML::Node node = get(key);

	if (!isSequence(key) || node.size() == 0)
		return fail(key, "expected a list of texts");

	for (const YAML::Node &item : node) {
		if (!item.IsScalar() || item.Scalar().empty())
			return failAt(item, field(key), "expected a list of texts");
		values->push_back(item.Scalar());
	}

	return true;
}

/* Read a whole text file; \a error names it and says what the system said. */
bool readTextFile(const std::string &fileName, std::string *text, std::string *error)
{
	std::ifstream file(fileName, std::ios::binary);
	if (!file) {
		*error = fmt::format("{}: cannot open: {}", fileName, strerror(errno));
		return false;
	}

	text->resize(kMaximumTextSize + 1);
	file.read(text->data(), text->size());
	if (file.bad() || (file.gcount() == 0 && !file.eof())) {
		*error = fmt::format("{}: cannot read: {}", fileName, strerror(errno));
		return false;
	}

	text->resize(file.gcount());
	return true;
}

} /* namespace fovea::sensor */
