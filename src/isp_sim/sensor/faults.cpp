/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Faults: what goes wrong with the hardware, and when
 */

#include "isp_sim/sensor/faults.h"

#include <errno.h>
#include <iterator>

#include "isp_sim/sensor/config.h"

/**
 * \file faults.h
 * \brief The list of faults in a rig, or in a file of its own
 *
 * docs/faults.md has the schema.
 */

namespace fovea::sensor {

namespace {

/* A capture of a year at 1,000 frames a second fits. */
constexpr int64_t kMaxFrames = 100'000'000'000;
constexpr double kMaxSeconds = 31'622'400.0;

constexpr int64_t kMaxInput = 7;
constexpr int64_t kMaxDelayFrames = 16;
constexpr double kMaxDelayMs = 10'000.0;

/* The parts of a fault beyond its kind, input and begin. */
enum Field : unsigned int {
	kExtent = 1U << 0,		/* count or duration */
	kCountOnly = 1U << 1,		/* count or until_stop */
	kDurationOnly = 1U << 2,
	kDelayFrames = 1U << 3,
	kDelayMs = 1U << 4,
	kControl = 1U << 5,
};

/* In the order of FaultKind. */
constexpr struct {
	const char *name;
	unsigned int fields;
} kKinds[] = {
	{ "lost-frame", kExtent },
	{ "csi-error", kExtent },
	{ "late-statistics", kExtent | kDelayFrames },
	{ "stalled-isp", kCountOnly },
	{ "i2c-error", kExtent | kControl },
	{ "slow-bus", kExtent | kDelayMs },
	{ "unplug", kDurationOnly },
};

std::chrono::nanoseconds toNanoseconds(double seconds)
{
	return std::chrono::nanoseconds(static_cast<int64_t>(seconds * 1e9 + 0.5));
}

bool readKind(const Config &config, Fault *fault, unsigned int *fields)
{
	size_t kind;
	if (!config.choice("kind", { kKinds[0].name, kKinds[1].name, kKinds[2].name, kKinds[3].name,
				     kKinds[4].name, kKinds[5].name, kKinds[6].name },
			   &kind))
		return false;

	static_assert(std::size(kKinds) == 7);
	fault->kind = static_cast<FaultKind>(kind);
	*fields = kKinds[kind].fields;
	return true;
}

/* A key that is known, but not to this kind of fault. */
bool checkKeys(const Config &config, unsigned int fields)
{
	const struct {
		const char *key;
		unsigned int fields;
	} keys[] = {
		{ "count", kExtent | kCountOnly },
		{ "duration", kExtent | kDurationOnly },
		{ "until_stop", kCountOnly },
		{ "delay_frames", kDelayFrames },
		{ "delay_ms", kDelayMs },
		{ "error", kControl },
		{ "control", kControl },
	};

	if (!config.onlyKeys({ "kind", "input", "frame", "time", "count", "duration", "until_stop",
			       "delay_frames", "delay_ms", "error", "control" }))
		return false;

	for (const auto &[key, where] : keys) {
		if (config.has(key) && !(where & fields))
			return config.fail(key, "means nothing for this kind of fault");
	}

	return true;
}

bool readBegin(const Config &config, Fault *fault)
{
	if (config.has("frame") == config.has("time"))
		return config.fail("expected exactly one of: frame, time");

	if (config.has("frame")) {
		int64_t frame;
		if (!config.integer("frame", 0, kMaxFrames, &frame))
			return false;
		fault->frame = frame;
		return true;
	}

	double seconds;
	if (!config.number("time", 0.0, kMaxSeconds, &seconds))
		return false;
	fault->time = toNanoseconds(seconds);
	return true;
}

bool readEnd(const Config &config, unsigned int fields, Fault *fault)
{
	if (config.has("count") && config.has("duration"))
		return config.fail("duration", "expected at most one of: count, duration");

	if (config.has("count")) {
		int64_t count;
		if (!config.integer("count", 1, kMaxFrames, &count))
			return false;
		fault->count = count;
	}
	if (config.has("duration")) {
		double seconds;
		if (!config.number("duration", 0.0, kMaxSeconds, &seconds))
			return false;
		fault->duration = toNanoseconds(seconds);
	}

	if (!(fields & kCountOnly))
		return true;

	bool untilStop = false;
	if (config.has("until_stop") && !config.boolean("until_stop", &untilStop))
		return false;
	return untilStop != fault->count.has_value() ||
	       config.fail("expected either a count of frames or 'until_stop: true'");
}

bool readControl(const Config &config, Fault *fault)
{
	fault->error = -EREMOTEIO;
	if (config.has("error")) {
		size_t error;
		if (!config.choice("error", { "remote-io", "io", "timed-out" }, &error))
			return false;
		constexpr int kErrors[] = { -EREMOTEIO, -EIO, -ETIMEDOUT };
		fault->error = kErrors[error];
	}

	if (config.has("control")) {
		size_t control;
		if (!config.choice("control", { "exposure", "analogue-gain", "vertical-blanking",
						"horizontal-flip", "vertical-flip" },
				   &control))
			return false;
		fault->control = static_cast<BusControl>(control);
	}

	return true;
}

bool readDelays(const Config &config, unsigned int fields, Fault *fault)
{
	if (fields & kDelayFrames) {
		int64_t frames;
		if (!config.integer("delay_frames", 1, kMaxDelayFrames, &frames))
			return false;
		fault->delayFrames = frames;
	}

	if (fields & kDelayMs) {
		double milliseconds;
		if (!config.number("delay_ms", 0.0, kMaxDelayMs, &milliseconds))
			return false;
		fault->delay = std::chrono::microseconds(static_cast<int64_t>(milliseconds * 1e3 + 0.5));
	}

	return true;
}

bool readFault(const Config &config, Fault *fault)
{
	unsigned int fields;
	if (!readKind(config, fault, &fields) || !checkKeys(config, fields) ||
	    !readBegin(config, fault) || !readEnd(config, fields, fault) ||
	    !readDelays(config, fields, fault) ||
	    ((fields & kControl) && !readControl(config, fault)))
		return false;

	int64_t input = 0;
	if (config.has("input") && !config.integer("input", 0, kMaxInput, &input))
		return false;
	fault->input = input;
	return true;
}

} /* namespace */

/**
 * \brief Read the list of faults below the key 'faults'
 * \param[in] config The map that has it
 * \param[out] faults The faults are added here
 * \return False after an error
 */
bool readFaults(const Config &config, std::vector<Fault> *faults)
{
	std::vector<Config> entries;
	if (!config.children("faults", &entries))
		return false;

	for (const Config &entry : entries) {
		Fault fault;
		if (!readFault(entry, &fault))
			return false;
		faults->push_back(fault);
	}

	return true;
}

/** \brief Read a file of faults from its text */
std::optional<std::vector<Fault>> parseFaults(std::string_view text, const std::string &fileName,
					      std::string *error)
{
	std::vector<Fault> faults;

	const auto read = [&](const Config &config) {
		int64_t version;
		std::string ignored;
		return config.onlyKeys({ "version", "name", "description", "faults" }) &&
		       config.integer("version", 1, 1, &version) &&
		       (!config.has("name") || config.text("name", &ignored)) &&
		       (!config.has("description") || config.text("description", &ignored)) &&
		       readFaults(config, &faults);
	};
	if (!Config::parse(text, fileName, error, read))
		return std::nullopt;

	return faults;
}

} /* namespace fovea::sensor */
