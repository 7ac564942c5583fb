/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Declarative files: YAML fields with ranges and clear errors
 */

#pragma once

#include <functional>
#include <initializer_list>
#include <stdint.h>
#include <string>
#include <string_view>
#include <vector>

#include <yaml-cpp/yaml.h>

namespace fovea::sensor {

/* One map of a file, with the names that lead to it. */
class Config
{
public:
	static bool parse(std::string_view text, const std::string &fileName,
			  std::string *error,
			  const std::function<bool(const Config &)> &read);

	bool has(const char *key) const;
	bool onlyKeys(std::initializer_list<const char *> keys) const;

	Config child(const char *key) const;
	bool children(const char *key, std::vector<Config> *maps) const;

	bool integer(const char *key, int64_t min, int64_t max, int64_t *value) const;
	bool number(const char *key, double min, double max, double *value) const;
	bool boolean(const char *key, bool *value) const;
	bool text(const char *key, std::string *value) const;
	bool choice(const char *key, std::initializer_list<const char *> choices,
		    size_t *index) const;
	bool integers(const char *key, size_t count, int64_t min, int64_t max,
		      std::vector<int64_t> *values) const;
	bool numbers(const char *key, size_t count, double min, double max, double *values) const;
	bool rows(const char *key, size_t columns, std::vector<std::vector<double>> *rows) const;
	bool texts(const char *key, std::vector<std::string> *values) const;

	bool isMap() const { return node_.IsMap(); }
	bool isMap(const char *key) const;
	bool isSequence(const char *key) const;
	bool isSequenceOfMaps(const char *key) const;

	/* Always false, so that a reader can return it. */
	bool fail(const std::string &message) const;
	bool fail(const char *key, const std::string &message) const;

private:
	Config(const YAML::Node &node, std::string path, const std::string *fileName,
	       std::string *error);

	YAML::Node get(const char *key) const;
	std::string field(const char *key) const;
	bool failAt(const YAML::Node &node, const std::string &field,
		    const std::string &message) const;
	bool scalar(const char *key, const std::string &expected, std::string *value) const;

	YAML::Node node_;
	std::string path_;
	const std::string *fileName_;
	std::string *error_;
};

bool readTextFile(const std::string &fileName, std::string *text, std::string *error);

} /* namespace fovea::sensor */
