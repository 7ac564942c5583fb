/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Controls as text, exact
 */

#include "control_text.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <stdio.h>
#include <stdint.h>
#include <vector>

#include <fmt/format.h>

#include <libcamera/control_ids.h>
#include <libcamera/geometry.h>

namespace fovea::tune {

using namespace libcamera;

namespace {

/* An array, or the one value, of a type that has a shortest exact text. */
template<typename T>
std::string numbers(const ControlValue &value)
{
	if (!value.isArray())
		return fmt::format("{}", value.get<T>());

	const auto values = value.get<Span<const T>>();
	return fmt::format("[{}]", fmt::join(values.begin(), values.end(), ", "));
}

/* libcamera's own text of floating-point numbers is rounded. */
std::string valueToText(const ControlValue &value)
{
	switch (value.type()) {
	case ControlTypeFloat:
		return numbers<float>(value);
	case ControlTypeInteger32:
		return numbers<int32_t>(value);
	case ControlTypeInteger64:
		return numbers<int64_t>(value);
	default:
		return value.toString();
	}
}

std::string_view trim(std::string_view text)
{
	constexpr const char *kSpace = " \t\r";
	const size_t first = text.find_first_not_of(kSpace);
	if (first == std::string_view::npos)
		return {};

	return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

/* "[a, b]", or one value without brackets. */
template<typename T>
bool parseNumbers(std::string_view text, std::vector<T> *values)
{
	if (text.starts_with('[') && text.ends_with(']'))
		text = text.substr(1, text.size() - 2);

	while (!text.empty()) {
		const size_t comma = std::min(text.find(','), text.size());
		const std::string_view item = trim(text.substr(0, comma));
		T value;
		auto [last, status] = std::from_chars(item.data(), item.data() + item.size(), value);
		if (status != std::errc{} || last != item.data() + item.size())
			return false;
		values->push_back(value);
		text.remove_prefix(std::min(comma + 1, text.size()));
	}

	return !values->empty();
}

template<typename T>
bool setNumbers(const ControlId &id, std::string_view text, ControlList *controls)
{
	std::vector<T> values;

	if (!parseNumbers(text, &values))
		return false;
	if (id.isArray()) {
		if (id.size() != libcamera::dynamic_extent && id.size() != values.size())
			return false;
		controls->set(id.id(), ControlValue(Span<const T>(values.data(), values.size())));
		return true;
	}
	if (values.size() != 1)
		return false;

	controls->set(id.id(), ControlValue(values[0]));
	return true;
}

bool setValue(const ControlId &id, std::string_view text, ControlList *controls)
{
	switch (id.type()) {
	case ControlTypeBool:
		if (text != "true" && text != "false")
			return false;
		controls->set(id.id(), ControlValue(text == "true"));
		return true;
	case ControlTypeInteger32:
		return setNumbers<int32_t>(id, text, controls);
	case ControlTypeInteger64:
		return setNumbers<int64_t>(id, text, controls);
	case ControlTypeFloat:
		return setNumbers<float>(id, text, controls);
	case ControlTypeRectangle: {
		int x, y;
		unsigned int width, height;
		if (id.isArray() ||
		    sscanf(std::string(text).c_str(), "(%d, %d)/%ux%u", &x, &y, &width, &height) != 4)
			return false;
		controls->set(id.id(), ControlValue(Rectangle(x, y, width, height)));
		return true;
	}
	default:
		return false;
	}
}

} /* namespace */

/**
 * \brief The text of a list of controls
 *
 * A line "Name = value" a control, in the order of their ids. Numbers are written
 * so that reading gives the same value to the bit; data without a name, or of bytes, are
 * left out.
 */
std::string controlsToText(const ControlList &controls)
{
	std::map<unsigned int, std::string> lines;
	std::string text;

	for (const auto &[number, value] : controls) {
		const auto id = controls::controls.find(number);
		if (id != controls::controls.end() && value.type() != ControlTypeByte)
			lines[number] = id->second->name() + " = " + valueToText(value) + "\n";
	}
	for (const auto &[number, line] : lines)
		text += line;

	return text;
}

/** \brief Set one control of a line "Name = value" */
bool controlFromText(std::string_view line, ControlList *controls, std::string *error)
{
	const size_t equals = line.find('=');
	const std::string_view name = trim(line.substr(0, std::min(equals, line.size())));
	const std::string_view value = equals == std::string_view::npos ? "" : trim(line.substr(equals + 1));

	const auto id = std::find_if(controls::controls.begin(), controls::controls.end(),
				     [&](const auto &c) { return c.second->name() == name; });
	if (id == controls::controls.end()) {
		*error = fmt::format("'{}': libcamera has no control '{}'; expected 'Name = value'", line, name);
		return false;
	}
	if (!setValue(*id->second, value, controls)) {
		*error = fmt::format("control {}: got '{}', which is no value of its type", name, value);
		return false;
	}

	return true;
}

/** \brief Set the controls of a text as controlsToText() writes it */
bool controlsFromText(std::string_view text, ControlList *controls, std::string *error)
{
	while (!text.empty()) {
		const size_t end = std::min(text.find('\n'), text.size());
		if (!trim(text.substr(0, end)).empty() &&
		    !controlFromText(text.substr(0, end), controls, error))
			return false;
		text.remove_prefix(std::min(end + 1, text.size()));
	}

	return true;
}

} /* namespace fovea::tune */
