/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What a tuning file may contain
 */

#pragma once

#include <span>
#include <stddef.h>

namespace libcamera {

namespace ipa::fovea::tuning {

struct Member;

struct Schema {
	enum class Kind {
		Number,
		Integer,
		Boolean,
		Choice,
		List,
		Points,
		Dictionary,
		Algorithms,
	};

	Kind kind;

	/* Number, Integer: range of the value; Points: range of y. */
	double min;
	double max;

	/* List, Points: number of elements. */
	size_t minCount;
	size_t maxCount;

	/* List: its elements, Points: x, which has to grow. */
	const Schema *element;

	/* Choice: the values. */
	std::span<const char *const> choices;

	/* Dictionary, Algorithms: the members. */
	std::span<const Member> members;
};

struct Member {
	const char *name;
	const Schema *schema;
	bool required;
};

extern const Schema kTuningSchema;

} /* namespace ipa::fovea::tuning */

} /* namespace libcamera */
