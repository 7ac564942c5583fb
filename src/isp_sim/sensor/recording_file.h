/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The file of a recording: description, and frames with what belongs to them
 */

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <stdint.h>
#include <string>
#include <vector>

#include "isp_sim/sensor/packing.h"
#include "isp_sim/sensor/recording.h"

namespace fovea::sensor {

/* What else is kept of a frame. */
struct Attachment {
	enum class Kind : uint32_t {
		Metadata = 1,		/* text, a line "Name = value" a control */
		Controls = 2,		/* text, the controls of the request */
		Statistics = 3,		/* struct fovea_isp_stats_buffer */
		Parameters = 4,		/* struct v4l2_isp_params_buffer with its blocks */
		Pictures = 5,		/* text, a line a stream: format, size and hash */
	};

	Kind kind;
	std::vector<uint8_t> data;
};

Packing storedPacking(unsigned int bitDepth);
uint64_t checksum(std::span<const uint8_t> data);

class RecordingFile
{
public:
	static bool isRecording(const std::string &name);
	static std::shared_ptr<const RecordingFile> open(const std::string &name,
							 std::optional<Recording> *recording,
							 std::string *error);
	~RecordingFile();

	RecordingFile(const RecordingFile &) = delete;
	RecordingFile &operator=(const RecordingFile &) = delete;

	/* Bytes of the samples of one frame. */
	size_t frameSize() const { return frameSize_; }

	bool readSamples(size_t frame, std::span<uint8_t> bytes, std::string *error) const;
	bool readAttachments(size_t frame, std::vector<Attachment> *attachments,
			     std::string *error) const;

private:
	struct Entry {
		uint64_t offset;
		uint64_t samplesChecksum;
		uint64_t attachmentsChecksum;
		uint64_t attachmentsSize;
	};

	RecordingFile(std::string name, int fd);

	bool fail(const std::string &message, std::string *error) const;
	bool readAt(uint64_t offset, std::span<uint8_t> bytes, const char *what,
		    std::string *error) const;
	bool isCached(uint64_t offset) const;
	size_t readDirect(uint64_t offset, std::span<uint8_t> bytes) const;
	bool readHead(std::optional<Recording> *recording, std::string *error);
	bool readFrameHead(uint64_t offset, Recording *recording, uint64_t *next, std::string *error);
	bool readFrames(Recording *recording, std::string *error);

	std::string name_;
	int fd_;
	int directFd_ = -1;		/* past the page cache; -1 where that cannot be */
	uint64_t fileSize_ = 0;
	uint64_t firstFrame_ = 0;
	size_t frameSize_ = 0;
	std::vector<Entry> entries_;
};

/* Writes to a file beside the one wanted, which takes its place in finish(). */
class RecordingWriter
{
public:
	RecordingWriter();
	~RecordingWriter();

	bool open(const std::string &name, const Recording &recording, std::string *error);
	bool add(const FrameInfo &info, std::span<const uint8_t> samples,
		 std::span<const Attachment> attachments, std::string *error);
	bool finish(std::string *error);

private:
	std::optional<std::span<const uint8_t>> pack(std::span<const uint8_t> samples, std::string *error);
	bool write(std::span<const uint8_t> bytes, std::string *error);
	bool pad(std::string *error);

	std::string name_;
	std::string temporary_;
	int fd_ = -1;
	uint64_t offset_ = 0;
	RawLayout layout_{};
	size_t frameSize_ = 0;
	std::vector<uint8_t> packed_;
	uint64_t count_ = 0;
};

} /* namespace fovea::sensor */
