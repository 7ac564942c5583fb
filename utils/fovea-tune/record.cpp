/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Recordings of live cameras, and whether their replay is the same
 */

#include "record.h"

#include <algorithm>
#include <errno.h>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdio.h>

#include <fmt/format.h>

#include <fovea/control_ids.h>

#include <libcamera/control_ids.h>
#include <libcamera/formats.h>
#include <libcamera/property_ids.h>

#include "isp_sim/sensor/packing.h"

#include "control_text.h"
#include "import/plain.h"
#include "import/raw_image.h"
#include "isp_text.h"

namespace fovea::tune {

using namespace libcamera;
using sensor::Attachment;

namespace {

constexpr unsigned int kRawStream = 0;
constexpr const char *kNoPictures = "none";

std::optional<Size> parseSize(const std::string &text)
{
	unsigned int width, height;
	char rest;

	if (sscanf(text.c_str(), "%ux%u%c", &width, &height, &rest) != 2)
		return std::nullopt;
	return Size(width, height);
}

std::string textOf(const Attachment &attachment)
{
	return { attachment.data.begin(), attachment.data.end() };
}

Attachment attach(Attachment::Kind kind, const std::string &text)
{
	return { kind, { text.begin(), text.end() } };
}

const Attachment *find(const std::vector<Attachment> &attachments, Attachment::Kind kind)
{
	const auto found = std::find_if(attachments.begin(), attachments.end(),
					[&](const Attachment &a) { return a.kind == kind; });

	return found == attachments.end() ? nullptr : &*found;
}

/* A buffer of the ISP in metadata, and in a recording. */
struct IspBuffer {
	Attachment::Kind kind;
	unsigned int control;
	const char *name;
	std::string (*difference)(std::span<const uint8_t> recorded, std::span<const uint8_t> replayed);
};

constexpr IspBuffer kIspBuffers[] = {
	{ Attachment::Kind::Parameters, libcamera::fovea::IspParameters, "parameters", paramsDifference },
	{ Attachment::Kind::Statistics, libcamera::fovea::IspStatistics, "statistics", statsDifference },
};

/* Empty where the metadata have none. */
Span<const uint8_t> ispBuffer(const ControlList &metadata, unsigned int control)
{
	const ControlValue value = metadata.contains(control) ? metadata.get(control) : ControlValue();

	return value.type() == ControlTypeByte ? metadata.get(control).get<Span<const uint8_t>>()
					       : Span<const uint8_t>{};
}

bool hasIspBuffers(const Camera &camera)
{
	return camera.controls().count(libcamera::fovea::IspBuffersEnable);
}

/* The picture's lines without their padding. */
uint64_t hashOf(const StreamImage &image)
{
	std::vector<uint8_t> bytes;

	for (const auto &plane : image.planes)
		bytes.insert(bytes.end(), plane.begin(), plane.end());

	return sensor::checksum(bytes);
}

/* A line for each stream but the raw one. */
std::string describePictures(const SessionFrame &frame)
{
	std::string text;

	for (size_t i = kRawStream + 1; i < frame.images.size(); i++) {
		const StreamConfiguration &config = *frame.images[i].config;
		text += fmt::format("{} {} {:016x}\n", config.pixelFormat.toString(),
				    config.size.toString(), hashOf(frame.images[i]));
	}

	return text;
}

/* "FRAME Name = value" a line; # starts a comment. */
bool readScript(const std::string &name, ControlScript *script, std::string *error)
{
	std::ifstream file(name);
	std::string line, wrong;

	if (!file) {
		*error = fmt::format("{}: cannot read: {}", name, strerror(errno));
		return false;
	}

	for (unsigned int number = 1; std::getline(file, line); number++) {
		line.resize(std::min(line.find('#'), line.size()));
		std::istringstream words(line);
		unsigned int frame;
		if (line.find_first_not_of(" \t") == std::string::npos)
			continue;
		if (!(words >> frame)) {
			*error = fmt::format("{}:{}: expected 'FRAME Name = value'", name, number);
			return false;
		}

		std::string control;
		std::getline(words, control);
		auto [entry, isNew] = script->try_emplace(frame, ControlList(controls::controls));
		if (!controlFromText(control, &entry->second, &wrong)) {
			*error = fmt::format("{}:{}: {}", name, number, wrong);
			return false;
		}
	}

	return true;
}

/*
 * The camera uses the controls of a request that it has as early as the sensor needs
 * them, and those of a request that comes later then. Which it is must not depend on
 * how quick this program is, or the session would not repeat: so it queues each request
 * after the one before it has completed. A camera in real time does not wait for that.
 */
unsigned int requestsAhead(const ControlScript &script, bool realTime)
{
	return script.empty() || realTime ? Session::kAllRequests : 1;
}

Session::Prepare play(const ControlScript &script, bool ispBuffers)
{
	return [&script, ispBuffers](Request &request, unsigned int number) {
		if (number == 0 && ispBuffers)
			request.controls().set(libcamera::fovea::IspBuffersEnable, ControlValue(true));
		const auto entry = script.find(number);
		if (entry != script.end())
			request.controls().merge(entry->second);
	};
}

/* How a frame was taken, by its metadata. */
sensor::FrameInfo infoOf(const SessionFrame &frame)
{
	const ControlList &metadata = *frame.metadata;
	sensor::FrameInfo info;

	info.sequence = frame.sequence;
	info.timestamp = frame.timestamp;
	info.exposureTime = metadata.get(controls::ExposureTime).value_or(0) * 1e-6;
	info.analogueGain = metadata.get(controls::AnalogueGain).value_or(0.0f);
	info.digitalGain = metadata.get(controls::DigitalGain).value_or(0.0f);
	if (const auto position = metadata.get(controls::LensPosition))
		info.lensPosition = *position;
	if (const auto gains = metadata.get(controls::ColourGains)) {
		const double neutral[3] = { 1.0 / (*gains)[0], 1.0, 1.0 / (*gains)[1] };
		setNeutral(neutral, &info);
	}

	return info;
}

/* Frames of a session into a file. */
class Recorder
{
public:
	Recorder(const std::string &output, RecordSummary *summary)
		: output_(output), summary_(summary)
	{
	}

	bool configure(const Session &session, std::string *error);
	bool add(const SessionFrame &frame, std::string *error);
	bool finish(std::string *error) { return writer_.finish(error); }

private:
	bool start(const SessionFrame &frame, std::string *error);

	std::string output_;
	RecordSummary *summary_;
	sensor::RawLayout packed_{};
	sensor::RecordingWriter writer_;
	std::vector<uint16_t> samples_;
	std::vector<uint8_t> bytes_;
	std::optional<uint32_t> sequence_;
};

/* What the stream and the camera tell of all frames. */
bool Recorder::configure(const Session &session, std::string *error)
{
	const StreamConfiguration &stream = session.stream(kRawStream);
	const auto format = parsePlainFormat(stream.pixelFormat.toString(), stream.size.toString(), error);
	if (!format) {
		*error = "the raw stream has the format " + stream.pixelFormat.toString() +
			 ", expected one of Bayer, plain or CSI-2 packed";
		return false;
	}

	const auto model = session.camera().properties().get(properties::Model);
	sensor::Recording &recording = summary_->recording;
	packed_ = format->layout;
	packed_.stride = stream.stride;
	recording.layout = { packed_.width, packed_.height, packed_.bitDepth,
			     packed_.bitDepth == 8 ? sensor::Packing::U8 : sensor::Packing::U16LE, 0, 0, 0 };
	recording.order = format->order;
	recording.whiteLevel = (1u << packed_.bitDepth) - 1;
	recording.name = std::filesystem::path(output_).stem().string();
	recording.model = modelName("", model ? std::string(*model) : "");
	recording.source = session.camera().id();
	return true;
}

/* The first frame's metadata tell the levels and the exposure at the start. */
bool Recorder::start(const SessionFrame &frame, std::string *error)
{
	constexpr double kFullRange = 65536.0;
	sensor::Recording &recording = summary_->recording;
	const sensor::FrameInfo info = infoOf(frame);

	if (const auto levels = frame.metadata->get(controls::SensorBlackLevels)) {
		for (size_t i = 0; i < 4; i++)
			recording.blackLevels[i] = (*levels)[i] * (1u << packed_.bitDepth) / kFullRange;
		recording.blackLevel = (recording.blackLevels[0] + recording.blackLevels[1] +
					recording.blackLevels[2] + recording.blackLevels[3]) / 4.0;
	}
	if (info.exposureTime >= 1e-6 && info.analogueGain >= 0.1)
		recording.capture = sensor::Capture{ info.exposureTime, info.analogueGain, 0.0 };
	if (const auto duration = frame.metadata->get(controls::FrameDuration))
		recording.frameRate = std::clamp<int64_t>((1000000 + *duration / 2) / std::max<int64_t>(*duration, 1), 1, 240);

	return writer_.open(output_, recording, error);
}

bool Recorder::add(const SessionFrame &frame, std::string *error)
{
	if (!unpack(frame.images[kRawStream].planes[0], packed_, &samples_, error)) {
		*error = fmt::format("raw frame {}: {}", frame.sequence, *error);
		return false;
	}
	if (summary_->frames == 0 && !start(frame, error))
		return false;

	std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t *>(samples_.data()),
				       samples_.size() * sizeof(uint16_t));
	if (packed_.bitDepth == 8) {
		bytes_.assign(samples_.begin(), samples_.end());
		bytes = bytes_;
	}

	std::vector<Attachment> attachments{
		attach(Attachment::Kind::Metadata, controlsToText(*frame.metadata)),
		attach(Attachment::Kind::Controls, controlsToText(*frame.controls)),
		attach(Attachment::Kind::Pictures, describePictures(frame)),
	};
	for (const IspBuffer &buffer : kIspBuffers) {
		const Span<const uint8_t> data = ispBuffer(*frame.metadata, buffer.control);
		if (!data.empty())
			attachments.push_back({ buffer.kind, { data.begin(), data.end() } });
	}
	if (sequence_ && frame.sequence > *sequence_ + 1)
		summary_->lost += frame.sequence - *sequence_ - 1;
	sequence_ = frame.sequence;
	summary_->frames++;
	return writer_.add(infoOf(frame), bytes, attachments, error);
}

int openSession(Session *session, const RecordOptions &options, std::string *error)
{
	StreamRequest raw{ StreamRole::Raw, {}, {} };
	std::vector<StreamRequest> streams;

	for (const auto &[option, text] : { std::pair{ "--size", options.size }, { "--pictures", options.pictures } }) {
		if (!text.empty() && text != kNoPictures && !parseSize(text)) {
			*error = fmt::format("{}: got '{}', expected WIDTHxHEIGHT", option, text);
			return -EINVAL;
		}
	}

	if (options.size == kNoPictures) {
		*error = "--size: got 'none', expected WIDTHxHEIGHT";
		return -EINVAL;
	}
	if (!options.size.empty())
		raw.size = *parseSize(options.size);
	streams.push_back(raw);
	if (options.pictures != kNoPictures)
		streams.push_back({ StreamRole::VideoRecording, formats::NV12, *parseSize(options.pictures) });

	int ret = session->open(options.camera, error);
	return ret ? ret : session->configure(streams, error);
}

/* The session of a recording: what its frames looked like, and what was asked for. */
struct RecordedSession {
	sensor::Recording recording;
	std::vector<std::vector<Attachment>> attachments;
	std::vector<StreamRequest> streams;
	ControlScript script;
	bool ispBuffers = false;
};

bool readStreams(const Attachment &pictures, RecordedSession *session, std::string *error)
{
	std::istringstream lines(textOf(pictures));
	std::string format, size, hash;

	while (lines >> format >> size >> hash) {
		const PixelFormat pixelFormat = PixelFormat::fromString(format);
		const auto parsed = parseSize(size);
		if (!pixelFormat.isValid() || !parsed) {
			*error = fmt::format("frame 0: got the picture '{} {}', expected a format and a size",
					     format, size);
			return false;
		}
		session->streams.push_back({ StreamRole::VideoRecording, pixelFormat, *parsed });
	}

	return true;
}

bool readSession(const std::string &name, RecordedSession *session, std::string *error)
{
	auto recording = sensor::loadRecording(name, {}, error);
	if (!recording)
		return false;
	if (!recording->file) {
		*error = name + ": expected a recording that 'fovea-tune record' made";
		return false;
	}

	session->recording = *recording;
	session->streams = { { StreamRole::Raw, {}, Size(recording->layout.width, recording->layout.height) } };
	for (size_t i = 0; i < recording->count(); i++) {
		auto &attachments = session->attachments.emplace_back();
		if (!recording->file->readAttachments(i, &attachments, error))
			return false;

		const Attachment *controls = find(attachments, Attachment::Kind::Controls);
		const Attachment *pictures = find(attachments, Attachment::Kind::Pictures);
		if (!controls || !pictures || !find(attachments, Attachment::Kind::Metadata)) {
			*error = fmt::format("{}: frame {} has no metadata: expected a recording that 'fovea-tune record' made",
					     name, i);
			return false;
		}

		ControlList list(controls::controls);
		if (!controlsFromText(textOf(*controls), &list, error) ||
		    (i == 0 && !readStreams(*pictures, session, error)))
			return false;
		for (const IspBuffer &buffer : kIspBuffers)
			session->ispBuffers = session->ispBuffers || find(attachments, buffer.kind);
		if (!list.empty())
			session->script.emplace(i, std::move(list));
	}

	return true;
}

/* The first line in which two texts differ. */
std::string firstDifference(const std::string &recorded, const std::string &replayed)
{
	std::istringstream a(recorded), b(replayed);
	std::string left, right;

	while (true) {
		const bool more = bool(std::getline(a, left)), moreReplayed = bool(std::getline(b, right));
		if (!more)
			left = "nothing";
		if (!moreReplayed)
			right = "nothing";
		if (left != right || (!more && !moreReplayed))
			return fmt::format("recorded '{}', replayed '{}'", left, right);
	}
}

/* The first difference of what the ISP got and gave, where the recording tells it. */
std::string compareIspBuffers(const RecordedSession &session, unsigned int index, const ControlList &metadata)
{
	for (const IspBuffer &buffer : kIspBuffers) {
		const Attachment *attachment = find(session.attachments[index], buffer.kind);
		const std::span<const uint8_t> recorded = attachment ? std::span<const uint8_t>(attachment->data)
								     : std::span<const uint8_t>{};
		const Span<const uint8_t> replayed = ispBuffer(metadata, buffer.control);
		std::string difference;
		if (session.ispBuffers && recorded.empty() != replayed.empty())
			difference = fmt::format("recorded {} bytes, replayed {}", recorded.size(), replayed.size());
		else if (session.ispBuffers)
			difference = buffer.difference(recorded, { replayed.data(), replayed.size() });
		if (!difference.empty())
			return fmt::format("{}: {}", buffer.name, difference);
	}

	return "";
}

/* Compare a replayed frame with the recorded one; what differs, or nothing. */
std::string compare(const RecordedSession &session, unsigned int index, const SessionFrame &frame)
{
	const auto &attachments = session.attachments[index];
	std::vector<uint16_t> recorded, replayed;
	std::string error;

	const StreamConfiguration &stream = *frame.images[kRawStream].config;
	auto format = parsePlainFormat(stream.pixelFormat.toString(), stream.size.toString(), &error);
	if (!format)
		return error;
	format->layout.stride = stream.stride;
	if (!readFrame(session.recording, index, &recorded, &error) ||
	    !unpack(frame.images[kRawStream].planes[0], format->layout, &replayed, &error))
		return error;

	const auto [left, right] = std::mismatch(recorded.begin(), recorded.end(), replayed.begin(), replayed.end());
	if (left != recorded.end() || right != replayed.end()) {
		const size_t at = left - recorded.begin();
		return fmt::format("raw sample ({}, {}): recorded {}, replayed {}", at % stream.size.width,
				   at / stream.size.width, *left, *right);
	}

	const std::string buffers = compareIspBuffers(session, index, *frame.metadata);
	if (!buffers.empty())
		return buffers;

	const std::string metadata = textOf(*find(attachments, Attachment::Kind::Metadata));
	const std::string pictures = textOf(*find(attachments, Attachment::Kind::Pictures));
	if (metadata != controlsToText(*frame.metadata))
		return "metadata: " + firstDifference(metadata, controlsToText(*frame.metadata));
	if (pictures != describePictures(frame))
		return "picture: " + firstDifference(pictures, describePictures(frame));

	return "";
}

} /* namespace */

/**
 * \brief Make a recording of a camera
 * \param[in] output The file to write; nothing is left of it after an error
 * \param[in] options Which camera, streams and controls
 * \param[in] progress Told of each frame
 * \param[out] summary What came out
 * \param[out] error What is wrong
 *
 * The raw stream is kept with the metadata and the controls of each request, the hash of
 * the picture that was made beside it, and, where the camera gives them (a Fovea ISP does),
 * its parameters and statistics.
 *
 * \return 0, or a negative error code
 */
int record(const std::string &output, const RecordOptions &options, const RecordProgress &progress,
	   RecordSummary *summary, std::string *error)
{
	Session session;
	ControlScript script;

	if (!options.controls.empty() && !readScript(options.controls, &script, error))
		return -EINVAL;

	int ret = openSession(&session, options, error);
	if (ret)
		return ret;

	Recorder recorder(output, summary);
	if (!recorder.configure(session, error))
		return -EINVAL;

	std::string wrong;
	const unsigned int ahead = requestsAhead(script, options.realTime);
	summary->ispBuffers = hasIspBuffers(session.camera());
	ret = session.run(options.frames, ahead, play(script, summary->ispBuffers), [&](const SessionFrame &frame) {
		progress(summary->frames + 1, options.frames);
		return recorder.add(frame, &wrong) ? 0 : -EIO;
	}, error);
	if (ret) {
		if (!wrong.empty())
			*error = wrong;
		return ret;
	}

	return recorder.finish(error) ? 0 : -EIO;
}

/**
 * \brief Run a recorded session again and compare
 * \param[in] name The recording, which the camera is to see
 * \param[in] progress Told of each frame
 * \param[out] error The first difference: frame and value
 *
 * Streams and controls are those of the recorded session. Raw frames, statistics,
 * parameters, metadata and pictures must be the same to the bit, which they can be in
 * virtual time only.
 *
 * \return 0, or a negative error code
 */
int verify(const std::string &name, const RecordProgress &progress, std::string *error)
{
	RecordedSession recorded;
	Session session;

	if (!readSession(name, &recorded, error))
		return -EINVAL;

	int ret = session.open("", error);
	if (!ret)
		ret = session.configure(recorded.streams, error);
	if (ret)
		return ret;

	if (recorded.ispBuffers && !hasIspBuffers(session.camera())) {
		*error = name + ": the camera tells no statistics and parameters, which were recorded";
		return -EINVAL;
	}

	std::string difference;
	const unsigned int frames = recorded.attachments.size();
	unsigned int index = 0;
	const unsigned int ahead = requestsAhead(recorded.script, false);
	ret = session.run(frames, ahead, play(recorded.script, recorded.ispBuffers), [&](const SessionFrame &frame) {
		progress(index + 1, frames);
		difference = compare(recorded, index, frame);
		if (!difference.empty())
			return -EBADMSG;
		index++;
		return 0;
	}, error);
	if (!difference.empty())
		*error = fmt::format("{}: frame {}: {}", name, index, difference);

	return ret;
}

} /* namespace fovea::tune */
