/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What cam printed of the frames that it wrote
 */

#include "cam_log.h"

#include <algorithm>
#include <charconv>
#include <errno.h>
#include <fstream>
#include <string.h>
#include <string_view>

#include <fmt/format.h>

#include "raw_image.h"

namespace fovea::tune {

namespace {

/* Before the sequence number in the line of a frame. */
constexpr std::string_view kSequence = " seq: ";

/* What a recording allows. */
constexpr double kLongestExposure = 3600e6;	/* us */
constexpr double kLargestGain = 1e4;
constexpr double kNearest = 1e4;		/* dioptres */
constexpr double kWhite = 65535.0;		/* of 16 bits */
constexpr double kLatest = 9e18;		/* ns */

/* "1", or "[ 1, 2 ]". */
bool parseNumbers(std::string_view text, std::vector<double> *numbers)
{
	constexpr std::string_view kBetween = " ,[]\r";

	while (true) {
		text.remove_prefix(std::min(text.find_first_not_of(kBetween), text.size()));
		if (text.empty())
			return !numbers->empty();

		double number;
		const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
		if (status != std::errc{})
			return false;
		numbers->push_back(number);
		text.remove_prefix(end - text.data());
	}
}

/* Reads what is known of a frame from its lines "Name = value". */
class FrameParser
{
public:
	explicit FrameParser(CamFrame *frame)
		: frame_(frame)
	{
	}

	/* What was expected instead; empty where all is well, or the name is none of ours. */
	std::string set(std::string_view name, std::string_view text);

private:
	std::string read(std::string_view text, size_t count, double max, std::vector<double> *numbers) const;

	CamFrame *frame_;
};

std::string FrameParser::read(std::string_view text, size_t count, double max, std::vector<double> *numbers) const
{
	const bool good = parseNumbers(text, numbers) && numbers->size() == count &&
			  std::all_of(numbers->begin(), numbers->end(),
				      [&](double v) { return v >= 0.0 && v <= max; });

	return good ? "" : fmt::format("{} number{} from 0 to {}", count, count == 1 ? "" : "s", max);
}

std::string FrameParser::set(std::string_view name, std::string_view text)
{
	sensor::FrameInfo &info = frame_->info;
	std::vector<double> numbers;
	std::string wrong;

	if (name == "ExposureTime") {
		wrong = read(text, 1, kLongestExposure, &numbers);
		info.exposureTime = wrong.empty() ? numbers[0] * 1e-6 : 0.0;
	} else if (name == "AnalogueGain") {
		wrong = read(text, 1, kLargestGain, &numbers);
		info.analogueGain = wrong.empty() ? numbers[0] : 0.0;
	} else if (name == "DigitalGain") {
		wrong = read(text, 1, kLargestGain, &numbers);
		info.digitalGain = wrong.empty() ? numbers[0] : 0.0;
	} else if (name == "LensPosition") {
		wrong = read(text, 1, kNearest, &numbers);
		if (wrong.empty())
			info.lensPosition = numbers[0];
	} else if (name == "SensorTimestamp") {
		wrong = read(text, 1, kLatest, &numbers);
		if (wrong.empty())
			std::from_chars(text.data(), text.data() + text.size(), info.timestamp);
	} else if (name == "ColourGains") {
		wrong = read(text, 2, kLargestGain, &numbers);
		if (wrong.empty()) {
			const double neutral[3] = { 1.0 / numbers[0], 1.0, 1.0 / numbers[1] };
			setNeutral(neutral, &info);
		}
	} else if (name == "SensorBlackLevels") {
		wrong = read(text, 4, kWhite, &numbers);
		if (wrong.empty())
			frame_->blackLevels = { numbers[0], numbers[1], numbers[2], numbers[3] };
	}

	return wrong;
}

} /* namespace */

/**
 * \brief Read what cam printed of the frames of one stream
 * \param[in] log The output of 'cam --metadata'; lines of other kinds are skipped
 * \param[in] name What to call it in errors
 * \param[out] error The line and what is wrong with it
 * \return The frames, in the order in which cam got them
 */
std::optional<std::vector<CamFrame>> parseCamLog(std::istream &log, const std::string &name,
						 std::string *error)
{
	std::vector<CamFrame> frames;
	std::string line;

	for (unsigned int number = 1; std::getline(log, line); number++) {
		const std::string_view text(line);
		const size_t sequence = text.find(kSequence);
		const size_t equals = text.find(" = ");

		if (text.starts_with('\t') && equals != std::string_view::npos && !frames.empty()) {
			const std::string_view control = text.substr(1, equals - 1), value = text.substr(equals + 3);
			const std::string expected = FrameParser(&frames.back()).set(control, value);
			if (expected.empty())
				continue;
			*error = fmt::format("{}:{}: {}: got '{}', expected {}", name, number, control, value, expected);
			return std::nullopt;
		}

		if (sequence != std::string_view::npos) {
			const char *digits = text.data() + sequence + kSequence.size();
			const auto status = std::from_chars(digits, text.data() + text.size(),
							    frames.emplace_back().info.sequence).ec;
			if (status != std::errc{}) {
				*error = fmt::format("{}:{}: expected a number behind 'seq:'", name, number);
				return std::nullopt;
			}
		}
	}

	if (frames.empty()) {
		*error = fmt::format("{}: no line of a frame, expected the output of 'cam --metadata'", name);
		return std::nullopt;
	}

	return frames;
}

/** \brief Read a file as parseCamLog() does */
std::optional<std::vector<CamFrame>> readCamLog(const std::string &file, std::string *error)
{
	std::ifstream log(file);

	if (!log) {
		*error = fmt::format("{}: cannot read: {}", file, strerror(errno));
		return std::nullopt;
	}

	return parseCamLog(log, file, error);
}

} /* namespace fovea::tune */
