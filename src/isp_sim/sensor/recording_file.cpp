/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The file of a recording: description, and frames with what belongs to them
 */

#include "isp_sim/sensor/recording_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <fmt/format.h>

#include "isp_sim/sensor/aligned_bytes.h"
#include "isp_sim/sensor/csi2_packing.h"
#include "isp_sim/sensor/packing.h"

namespace fovea::sensor {

static_assert(std::endian::native == std::endian::little,
	      "the structures of the file are little-endian");

namespace {

constexpr char kFileMagic[8] = { 'F', 'O', 'V', 'E', 'A', 'R', 'E', 'C' };
constexpr char kFrameMagic[8] = { 'F', 'O', 'V', 'E', 'A', 'F', 'R', 'M' };
constexpr char kEndMagic[8] = { 'F', 'O', 'V', 'E', 'A', 'E', 'N', 'D' };

/* Version 1 had words of samples of more than 8 bits, which are now packed. */
constexpr uint32_t kVersion = 2;
constexpr uint32_t kOldestVersion = 1;

/* Whatever is read starts at a multiple of this. */
constexpr uint64_t kAlignment = AlignedBytes::kAlignment;

constexpr uint32_t kMaximumDescription = 1 << 16;
constexpr uint64_t kMaximumAttachments = 64 << 20;
constexpr uint64_t kMaximumFrames = 1'000'000;

struct FileHead {
	char magic[8];
	uint32_t version;
	uint32_t descriptionSize;
	uint8_t reserved[48];
};
static_assert(sizeof(FileHead) == 64);

struct FrameHead {
	enum Flags : uint32_t {
		HasLensPosition = 1 << 0,
		AllFlags = HasLensPosition,
	};

	char magic[8];
	uint64_t index;
	uint32_t sequence;
	uint32_t flags;
	uint64_t timestamp;		/* ns */
	double exposureTime;		/* s */
	double analogueGain;
	double digitalGain;
	double lensPosition;		/* dioptres */
	double neutral[3];
	uint64_t samplesSize;		/* bytes, without the padding */
	uint64_t samplesChecksum;
	uint64_t attachmentsSize;	/* bytes, without the padding */
	uint64_t attachmentsChecksum;
	uint64_t reserved;
};
static_assert(sizeof(FrameHead) == 128);

struct AttachmentHead {
	uint32_t kind;
	uint32_t size;			/* bytes behind this */
};

struct EndMark {
	char magic[8];
	uint64_t count;
};

constexpr uint64_t aligned(uint64_t size)
{
	return (size + kAlignment - 1) / kAlignment * kAlignment;
}

template<typename T>
std::span<const uint8_t> bytesOf(const T &value)
{
	return { reinterpret_cast<const uint8_t *>(&value), sizeof(value) };
}

template<typename T>
std::span<uint8_t> writableBytesOf(T *value)
{
	return { reinterpret_cast<uint8_t *>(value), sizeof(*value) };
}

FrameHead headOf(const FrameInfo &info)
{
	FrameHead head{};

	memcpy(head.magic, kFrameMagic, sizeof(head.magic));
	head.sequence = info.sequence;
	head.flags = info.lensPosition ? uint32_t{ FrameHead::HasLensPosition } : 0;
	head.timestamp = info.timestamp;
	head.exposureTime = info.exposureTime;
	head.analogueGain = info.analogueGain;
	head.digitalGain = info.digitalGain;
	head.lensPosition = info.lensPosition.value_or(0.0);
	std::copy(info.neutral.begin(), info.neutral.end(), head.neutral);

	return head;
}

FrameInfo infoOf(const FrameHead &head)
{
	FrameInfo info;

	info.sequence = head.sequence;
	info.timestamp = head.timestamp;
	info.exposureTime = head.exposureTime;
	info.analogueGain = head.analogueGain;
	info.digitalGain = head.digitalGain;
	if (head.flags & FrameHead::HasLensPosition)
		info.lensPosition = head.lensPosition;
	std::copy(std::begin(head.neutral), std::end(head.neutral), info.neutral.begin());

	return info;
}

/* A number of a frame's head, and what it may be. */
struct Limit {
	const char *field;
	double value;
	double max;
};

std::string checkFrameHead(const FrameHead &head, uint64_t index, size_t frameSize)
{
	if (memcmp(head.magic, kFrameMagic, sizeof(head.magic)))
		return "expected the head of a frame, or the end mark";
	if (head.index != index)
		return fmt::format("field 'index': got {}, expected {}", head.index, index);
	if (head.flags & ~uint32_t{ FrameHead::AllFlags })
		return fmt::format("field 'flags': got {:#x}, expected at most {:#x}", head.flags,
				   uint32_t{ FrameHead::AllFlags });
	if (head.samplesSize != frameSize)
		return fmt::format("field 'samplesSize': got {}, expected {} of the description's size",
				   head.samplesSize, frameSize);
	if (head.attachmentsSize > kMaximumAttachments)
		return fmt::format("field 'attachmentsSize': got {}, expected at most {}",
				   head.attachmentsSize, kMaximumAttachments);

	for (const Limit &limit : { Limit{ "exposureTime", head.exposureTime, 3600.0 },
				    Limit{ "analogueGain", head.analogueGain, 1e4 },
				    Limit{ "digitalGain", head.digitalGain, 1e4 },
				    Limit{ "lensPosition", head.lensPosition, 1e4 },
				    Limit{ "neutral[0]", head.neutral[0], 1e3 },
				    Limit{ "neutral[1]", head.neutral[1], 1e3 },
				    Limit{ "neutral[2]", head.neutral[2], 1e3 } }) {
		if (!(limit.value >= 0.0 && limit.value <= limit.max))
			return fmt::format("field '{}': got {}, expected 0 to {}", limit.field,
					   limit.value, limit.max);
	}

	return "";
}

/**
 * \class Checksum
 * \brief The checksum of samples and attachments, of data that comes piece by piece
 *
 * Eight lanes of FNV-1a on little-endian words of 64 bits: word i goes into lane
 * i % 8, the last one is filled up with zeroes. Then the lanes, in their order, and
 * the number of bytes go into one more. It finds damage and no malice.
 */
class Checksum
{
public:
	/* Sizes of all pieces but the last are multiples of this. */
	static constexpr size_t kBlock = 64;

	Checksum() { lanes_.fill(kBasis); }

	void add(std::span<const uint8_t> data);
	uint64_t value() const;

private:
	static constexpr uint64_t kBasis = 0xcbf29ce484222325ull;
	static constexpr uint64_t kPrime = 0x100000001b3ull;
	static constexpr size_t kLanes = kBlock / sizeof(uint64_t);

	using Lanes = std::array<uint64_t, kLanes>;

	static void mix(const uint8_t *block, Lanes *lanes);

	Lanes lanes_;
	size_t size_ = 0;
};

void Checksum::mix(const uint8_t *block, Lanes *lanes)
{
	Lanes words;

	memcpy(words.data(), block, kBlock);
	for (size_t lane = 0; lane < kLanes; lane++)
		(*lanes)[lane] = ((*lanes)[lane] ^ words[lane]) * kPrime;
}

void Checksum::add(std::span<const uint8_t> data)
{
	Lanes lanes = lanes_;		/* bytes may alias a member, which then stays in memory */
	size_t i = 0;

	for (; i + kBlock <= data.size(); i += kBlock)
		mix(&data[i], &lanes);
	if (i < data.size()) {
		uint8_t rest[kBlock] = {};
		memcpy(rest, &data[i], data.size() - i);
		mix(rest, &lanes);
	}

	lanes_ = lanes;
	size_ += data.size();
}

uint64_t Checksum::value() const
{
	uint64_t sum = kBasis;

	for (uint64_t lane : lanes_)
		sum = (sum ^ lane) * kPrime;
	return (sum ^ size_) * kPrime;
}

} /* namespace */

/** \brief How a file keeps samples: without loss, in as few bytes as a packing of whole ones takes */
Packing storedPacking(unsigned int bitDepth)
{
	switch (bitDepth) {
	case 8:
		return Packing::U8;
	case 16:
		return Packing::U16LE;
	default:
		return Packing::CSI2P;
	}
}

/** \brief The checksum of data that is all there, see Checksum */
uint64_t checksum(std::span<const uint8_t> data)
{
	Checksum sum;

	sum.add(data);
	return sum.value();
}

/**
 * \class RecordingFile
 * \brief A recording in one file
 *
 * The file starts with a FileHead, behind it the description, a YAML text
 * (describe()). Then, each at a multiple of 4096 bytes, follow the frames: a
 * FrameHead in 4096 bytes, the samples as the description's packing says, and at the next multiple the attachments, each an AttachmentHead and its bytes,
 * filled up to a multiple of 8. An EndMark with the number of frames ends the file;
 * without it the file is truncated. Nothing refers forward, so a file can be
 * written and read in one go. docs/recordings.md has the fields.
 *
 * Reading is safe from several threads. The heads of all frames are checked when the
 * file is opened, samples and attachments against their checksum when they are read.
 */

RecordingFile::RecordingFile(std::string name, int fd)
	: name_(std::move(name)), fd_(fd)
{
}

RecordingFile::~RecordingFile()
{
	close(fd_);
	if (directFd_ >= 0)
		close(directFd_);
}

/** \brief Whether \a name is a file that starts as a recording does */
bool RecordingFile::isRecording(const std::string &name)
{
	struct stat status;
	char magic[sizeof(kFileMagic)];

	int fd = ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;

	bool is = !fstat(fd, &status) && S_ISREG(status.st_mode) &&
		  pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
		  !memcmp(magic, kFileMagic, sizeof(magic));
	close(fd);
	return is;
}

bool RecordingFile::fail(const std::string &message, std::string *error) const
{
	*error = fmt::format("{}: {}", name_, message);
	return false;
}

bool RecordingFile::readAt(uint64_t offset, std::span<uint8_t> bytes, const char *what,
			   std::string *error) const
{
	if (offset > fileSize_ || bytes.size() > fileSize_ - offset)
		return fail(fmt::format("truncated: {} at offset {} needs {} bytes, the file ends at {}",
					what, offset, bytes.size(), fileSize_), error);

	while (!bytes.empty()) {
		ssize_t count = pread(fd_, bytes.data(), bytes.size(), offset);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return fail(fmt::format("cannot read {} at offset {}: {}", what, offset,
						count ? strerror(errno) : "the file became shorter"),
				    error);
		bytes = bytes.subspan(count);
		offset += count;
	}

	return true;
}

bool RecordingFile::readHead(std::optional<Recording> *recording, std::string *error)
{
	FileHead head;

	if (!readAt(0, writableBytesOf(&head), "the head", error))
		return false;
	if (memcmp(head.magic, kFileMagic, sizeof(head.magic)))
		return fail("offset 0: expected 'FOVEAREC': not a recording", error);
	if (head.version < kOldestVersion || head.version > kVersion)
		return fail(fmt::format("offset 8: field 'version': got {}, expected {} to {}",
					head.version, kOldestVersion, kVersion), error);
	if (head.descriptionSize == 0 || head.descriptionSize > kMaximumDescription)
		return fail(fmt::format("offset 12: field 'descriptionSize': got {}, expected 1 to {}",
					head.descriptionSize, kMaximumDescription), error);

	std::string text(head.descriptionSize, '\0');
	if (!readAt(sizeof(head), { reinterpret_cast<uint8_t *>(text.data()), text.size() },
		    "the description", error))
		return false;

	*recording = parseDescription(text, name_ + ": description", error);
	if (!*recording)
		return false;

	firstFrame_ = aligned(sizeof(head) + head.descriptionSize);
	frameSize_ = lineSize((*recording)->layout) * (*recording)->layout.height;
	return true;
}

bool RecordingFile::readFrameHead(uint64_t offset, Recording *recording, uint64_t *next,
				  std::string *error)
{
	FrameHead head;
	const uint64_t index = entries_.size();

	if (!readAt(offset, writableBytesOf(&head), fmt::format("frame {}", index).c_str(), error))
		return false;

	std::string wrong = checkFrameHead(head, index, frameSize_);
	if (!wrong.empty())
		return fail(fmt::format("frame {} at offset {}: {}", index, offset, wrong), error);

	*next = offset + kAlignment + aligned(head.samplesSize) + aligned(head.attachmentsSize);
	if (*next > fileSize_)
		return fail(fmt::format("truncated: frame {} at offset {} ends at {}, the file at {}",
					index, offset, *next, fileSize_), error);

	recording->infos.push_back(infoOf(head));
	entries_.push_back({ offset, head.samplesChecksum, head.attachmentsChecksum,
			     head.attachmentsSize });
	return true;
}

/* Go from head to head until the end mark. */
bool RecordingFile::readFrames(Recording *recording, std::string *error)
{
	uint64_t offset = firstFrame_;
	EndMark mark;

	while (true) {
		if (!readAt(offset, writableBytesOf(&mark), "a frame or the end mark", error))
			return false;
		if (!memcmp(mark.magic, kEndMagic, sizeof(mark.magic)))
			break;
		if (entries_.size() == kMaximumFrames)
			return fail(fmt::format("offset {}: expected at most {} frames", offset,
						kMaximumFrames), error);
		if (!readFrameHead(offset, recording, &offset, error))
			return false;
	}

	if (mark.count != entries_.size() || mark.count == 0)
		return fail(fmt::format("end mark at offset {}: field 'count': got {}, expected {}",
					offset, mark.count, std::max<size_t>(entries_.size(), 1)), error);
	if (offset + sizeof(mark) != fileSize_)
		return fail(fmt::format("offset {}: {} bytes behind the end mark, expected none",
					offset + sizeof(mark), fileSize_ - offset - sizeof(mark)), error);
	if (entries_.size() % recording->bracket)
		return fail(fmt::format("description: field 'bracket': got {}, which does not divide the {} frames",
					recording->bracket, entries_.size()), error);

	return true;
}

/**
 * \brief Open a recording's file
 * \param[in] name The file
 * \param[out] recording What it says of itself and of its frames
 * \param[out] error What is wrong, and at which offset
 */
std::shared_ptr<const RecordingFile> RecordingFile::open(const std::string &name,
							 std::optional<Recording> *recording,
							 std::string *error)
{
	struct stat status;

	int fd = ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &status)) {
		*error = fmt::format("{}: cannot open: {}", name, strerror(errno));
		if (fd >= 0)
			close(fd);
		return nullptr;
	}

	std::shared_ptr<RecordingFile> file(new RecordingFile(name, fd));
	if (!S_ISREG(status.st_mode)) {
		file->fail("expected a regular file", error);
		return nullptr;
	}

	/* The same file once more, whatever the name stands for by now. */
	file->directFd_ = ::open(fmt::format("/proc/self/fd/{}", fd).c_str(), O_RDONLY | O_CLOEXEC | O_DIRECT);
	file->fileSize_ = status.st_size;
	if (!file->readHead(recording, error) || !file->readFrames(&**recording, error)) {
		recording->reset();
		return nullptr;
	}

	(*recording)->file = file;
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return file;
}

/* Whether a byte is in the page cache, or nobody can tell. */
bool RecordingFile::isCached(uint64_t offset) const
{
	uint8_t byte;
	const iovec vector{ &byte, 1 };

	return preadv2(fd_, &vector, 1, offset, RWF_NOWAIT) == 1 || errno != EAGAIN;
}

/*
 * Read whole pages past the page cache; how many bytes that were. The rest, and what fails,
 * is left to readAt(). Both places start at a page.
 */
size_t RecordingFile::readDirect(uint64_t offset, std::span<uint8_t> bytes) const
{
	const size_t wanted = bytes.size() / kAlignment * kAlignment;
	size_t done = 0;

	while (done < wanted) {
		ssize_t count = pread(directFd_, bytes.data() + done, wanted - done, offset + done);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0 || count % kAlignment)
			break;
		done += count;
	}

	return done;
}

/**
 * \brief Read the samples of a frame as they are in the file
 *
 * A frame that is not in the page cache is read past it, if \a bytes start at a page: that
 * takes a fifth of the processor's time, and the pages of others stay.
 *
 * \param[in] frame Its index
 * \param[out] bytes frameSize() bytes
 * \param[out] error What is wrong, and where
 */
bool RecordingFile::readSamples(size_t frame, std::span<uint8_t> bytes, std::string *error) const
{
	/*
	 * What was read is summed before it leaves the processor's cache, or while there is
	 * little of it: a disk wants to be asked for more at once.
	 */
	constexpr size_t kCachedPiece = 256 << 10;
	constexpr size_t kDirectPiece = 4 << 20;
	static_assert(kCachedPiece % Checksum::kBlock == 0 && kDirectPiece % Checksum::kBlock == 0);

	const Entry &entry = entries_[frame];
	const uint64_t offset = entry.offset + kAlignment;
	const bool aligned = reinterpret_cast<uintptr_t>(bytes.data()) % kAlignment == 0;
	const bool direct = aligned && directFd_ >= 0 && bytes.size() >= kAlignment &&
			    !(isCached(offset) && isCached(offset + bytes.size() - 1));
	const size_t step = direct ? kDirectPiece : kCachedPiece;
	Checksum sum;

	for (size_t at = 0; at < bytes.size(); at += step) {
		const auto piece = bytes.subspan(at, std::min(step, bytes.size() - at));
		const size_t done = direct ? readDirect(offset + at, piece) : 0;
		if (!readAt(offset + at + done, piece.subspan(done), "samples", error))
			return false;
		sum.add(piece);
	}
	if (sum.value() != entry.samplesChecksum)
		return fail(fmt::format("frame {}: samples at offset {} do not have their checksum: the file is damaged",
					frame, entry.offset + kAlignment), error);

	return true;
}

/** \brief Read what else is kept of a frame */
bool RecordingFile::readAttachments(size_t frame, std::vector<Attachment> *attachments,
				    std::string *error) const
{
	const Entry &entry = entries_[frame];
	const uint64_t offset = entry.offset + kAlignment + aligned(frameSize_);
	std::vector<uint8_t> bytes(entry.attachmentsSize);

	attachments->clear();
	if (!readAt(offset, bytes, "attachments", error))
		return false;
	if (checksum(bytes) != entry.attachmentsChecksum)
		return fail(fmt::format("frame {}: attachments at offset {} do not have their checksum: the file is damaged",
					frame, offset), error);

	for (size_t at = 0; at < bytes.size();) {
		AttachmentHead head;
		if (bytes.size() - at < sizeof(head))
			return fail(fmt::format("frame {}: attachment at offset {} is cut off", frame,
						offset + at), error);
		memcpy(&head, &bytes[at], sizeof(head));
		at += sizeof(head);
		if (head.size > bytes.size() - at)
			return fail(fmt::format("frame {}: attachment at offset {}: field 'size': got {}, expected at most {}",
						frame, offset + at - sizeof(head), head.size,
						bytes.size() - at), error);

		attachments->push_back({ static_cast<Attachment::Kind>(head.kind),
					 { bytes.begin() + at, bytes.begin() + at + head.size } });
		at = std::min<size_t>(at + (head.size + 7) / 8 * 8, bytes.size());
	}

	return true;
}

/**
 * \class RecordingWriter
 * \brief Writes the file of a recording
 *
 * What is written depends on the arguments only. A writer that is destroyed before
 * finish() leaves nothing behind.
 */

RecordingWriter::RecordingWriter() = default;

RecordingWriter::~RecordingWriter()
{
	if (fd_ < 0)
		return;

	close(fd_);
	unlink(temporary_.c_str());
}

bool RecordingWriter::write(std::span<const uint8_t> bytes, std::string *error)
{
	offset_ += bytes.size();

	while (!bytes.empty()) {
		ssize_t count = ::write(fd_, bytes.data(), bytes.size());
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0) {
			*error = fmt::format("{}: cannot write: {}", temporary_, strerror(errno));
			return false;
		}
		bytes = bytes.subspan(count);
	}

	return true;
}

/* Fill up to the next multiple of the alignment. */
bool RecordingWriter::pad(std::string *error)
{
	static constexpr uint8_t kZeroes[kAlignment] = {};

	return write({ kZeroes, static_cast<size_t>(aligned(offset_) - offset_) }, error);
}

/**
 * \brief Start a file
 * \param[in] name The file; one that exists is replaced by finish()
 * \param[in] recording What its description says
 * \param[out] error What the system says
 */
bool RecordingWriter::open(const std::string &name, const Recording &recording,
			   std::string *error)
{
	Recording stored = recording;
	stored.layout.packing = storedPacking(recording.layout.bitDepth);
	const std::string text = describe(stored);

	name_ = name;
	temporary_ = name + ".part";
	fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd_ < 0) {
		*error = fmt::format("{}: cannot create: {}", temporary_, strerror(errno));
		return false;
	}

	layout_ = stored.layout;
	frameSize_ = lineSize(layout_) * layout_.height;
	packed_.resize(layout_.packing == Packing::CSI2P ? frameSize_ : 0);

	FileHead head{};
	memcpy(head.magic, kFileMagic, sizeof(head.magic));
	head.version = kVersion;
	head.descriptionSize = text.size();

	return write(bytesOf(head), error) &&
	       write({ reinterpret_cast<const uint8_t *>(text.data()), text.size() }, error) &&
	       pad(error);
}

/*
 * The samples as the file has them: words of 10 to 14 bits are packed. A sample that has more
 * is an error.
 */
std::optional<std::span<const uint8_t>> RecordingWriter::pack(std::span<const uint8_t> samples,
							      std::string *error)
{
	const size_t line = size_t{ layout_.width } * (layout_.bitDepth > 8 ? 2 : 1);

	if (samples.size() != line * layout_.height) {
		*error = fmt::format("{}: frame {}: {} bytes of samples, expected {}", name_, count_,
				     samples.size(), line * layout_.height);
		return std::nullopt;
	}
	if (layout_.packing != Packing::CSI2P)
		return samples;

	uint8_t high = 0;
	for (size_t i = 1; i < samples.size(); i += 2)
		high |= samples[i];
	if (high >> (layout_.bitDepth - 8)) {
		*error = fmt::format("{}: frame {}: a sample exceeds {} bits", name_, count_, layout_.bitDepth);
		return std::nullopt;
	}

	for (unsigned int y = 0; y < layout_.height; y++)
		packCsi2Line(&samples[y * line], layout_.width, layout_.bitDepth, &packed_[y * lineSize(layout_)]);
	return packed_;
}

/**
 * \brief Add a frame
 * \param[in] info How it was taken
 * \param[in] samples All lines without padding: bytes of 8 bits, else little-endian words
 * \param[in] attachments What else belongs to it
 * \param[out] error What is wrong
 */
bool RecordingWriter::add(const FrameInfo &info, std::span<const uint8_t> samples,
			  std::span<const Attachment> attachments, std::string *error)
{
	FrameHead head = headOf(info);
	std::vector<uint8_t> extra;
	const auto stored = pack(samples, error);

	if (!stored)
		return false;

	for (const Attachment &attachment : attachments) {
		AttachmentHead attachmentHead{ static_cast<uint32_t>(attachment.kind),
					       static_cast<uint32_t>(attachment.data.size()) };
		auto bytes = bytesOf(attachmentHead);
		extra.insert(extra.end(), bytes.begin(), bytes.end());
		extra.insert(extra.end(), attachment.data.begin(), attachment.data.end());
		extra.resize((extra.size() + 7) / 8 * 8);
	}

	head.index = count_;
	head.samplesSize = stored->size();
	head.samplesChecksum = checksum(*stored);
	head.attachmentsSize = extra.size();
	head.attachmentsChecksum = checksum(extra);

	std::string wrong = checkFrameHead(head, count_, frameSize_);
	if (!wrong.empty()) {
		*error = fmt::format("{}: frame {}: {}", name_, count_, wrong);
		return false;
	}

	count_++;
	return write(bytesOf(head), error) && pad(error) && write(*stored, error) && pad(error) &&
	       write(extra, error) && pad(error);
}

/** \brief End the file and give it its name */
bool RecordingWriter::finish(std::string *error)
{
	EndMark mark{ {}, count_ };

	memcpy(mark.magic, kEndMagic, sizeof(mark.magic));
	if (count_ == 0) {
		*error = fmt::format("{}: no frames", name_);
		return false;
	}
	if (!write(bytesOf(mark), error))
		return false;

	int ret = close(fd_);
	fd_ = -1;
	if (ret || rename(temporary_.c_str(), name_.c_str())) {
		*error = fmt::format("{}: cannot write: {}", name_, strerror(errno));
		unlink(temporary_.c_str());
		return false;
	}

	return true;
}

} /* namespace fovea::sensor */
