/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Raw files of cameras, read by LibRaw in a process of its own
 */

#include "libraw.h"

#include <algorithm>
#include <array>
#include <bit>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <memory>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <libraw/libraw.h>

#if defined(__has_feature)
#define FOVEA_HAS_FEATURE(x) __has_feature(x)
#else
#define FOVEA_HAS_FEATURE(x) 0
#endif

namespace fovea::tune {

using namespace fovea::sensor;

namespace {

/* What the child may use. 100 megapixels take it well below a minute and 1 GiB. */
constexpr rlim_t kCpuSeconds = 120;
constexpr rlim_t kMemory = rlim_t{ 3 } << 30;
constexpr unsigned int kRawMegabytes = 1024;

constexpr unsigned int kMinimumSide = 16;
constexpr unsigned int kMaximumSide = 16384;

/* What the child found; samples follow, width x height words. */
struct Answer {
	char error[256];
	char make[64];
	char model[64];
	uint32_t width;
	uint32_t height;
	uint32_t order;
	uint32_t bitDepth;
	uint32_t whiteLevel;
	uint32_t orientation;
	double blackLevels[4];
	double neutral[3];
	double exposureTime;		/* s */
	double gain;
	uint64_t seconds;		/* since 1970 */
	uint32_t matrices;
	uint32_t illuminants[2];
	double xyzToCamera[2][9];
};

void setError(Answer *answer, const std::string &message)
{
	snprintf(answer->error, sizeof(answer->error), "%s", message.c_str());
}

/* Red, green and blue of the visible area's first quad. */
bool findOrder(LibRaw *raw, Answer *answer)
{
	static constexpr std::array<std::array<int, 4>, 4> kOrders = {
		{ { 0, 1, 1, 2 }, { 1, 0, 2, 1 }, { 1, 2, 0, 1 }, { 2, 1, 1, 0 } }
	};
	constexpr unsigned int kXTrans = 9;

	if (!raw->imgdata.rawdata.raw_image || raw->imgdata.idata.filters <= kXTrans ||
	    raw->imgdata.idata.colors != 3) {
		setError(answer, "not a Bayer mosaic of red, green and blue; no other is supported");
		return false;
	}

	std::array<int, 4> quad;
	for (int i = 0; i < 4; i++) {
		const int colour = raw->COLOR(i / 2, i % 2);
		quad[i] = colour == 3 ? 1 : colour;
	}

	const auto order = std::find(kOrders.begin(), kOrders.end(), quad);
	if (order == kOrders.end()) {
		setError(answer, "a mosaic that is no Bayer mosaic of red, green and blue");
		return false;
	}

	answer->order = order - kOrders.begin();
	return true;
}

void findLevels(LibRaw *raw, Answer *answer)
{
	const libraw_colordata_t &color = raw->imgdata.color;

	for (int i = 0; i < 4; i++) {
		const int row = i / 2, column = i % 2;
		double level = color.black + color.cblack[raw->COLOR(row, column)];

		/* A pattern of its own; of the first quad here. */
		if (color.cblack[4] && color.cblack[5])
			level += color.cblack[6 + row % color.cblack[4] * color.cblack[5] +
					      column % color.cblack[5]];
		answer->blackLevels[i] = level;
	}

	answer->whiteLevel = color.maximum;
	answer->bitDepth = evenDepth(std::max<unsigned int>(std::bit_width(color.maximum),
							    color.raw_bps <= 16 ? color.raw_bps : 0));
}

void findColour(LibRaw *raw, Answer *answer)
{
	const libraw_colordata_t &color = raw->imgdata.color;

	for (int c = 0; c < 3; c++)
		answer->neutral[c] = color.cam_mul[c] > 0.0f ? 1.0 / color.cam_mul[c] : 0.0;

	for (const libraw_dng_color_t &dng : color.dng_color) {
		if (dng.colormatrix[0][0] == 0.0f || answer->matrices == 2)
			continue;
		for (int i = 0; i < 9; i++)
			answer->xyzToCamera[answer->matrices][i] = dng.colormatrix[i / 3][i % 3];
		answer->illuminants[answer->matrices++] = dng.illuminant;
	}

	/* LibRaw's own tables are for D65, 21 in EXIF. */
	if (!answer->matrices && color.cam_xyz[0][0] != 0.0f) {
		for (int i = 0; i < 9; i++)
			answer->xyzToCamera[0][i] = color.cam_xyz[i / 3][i % 3];
		answer->illuminants[0] = 21;
		answer->matrices = 1;
	}
}

void findCapture(LibRaw *raw, Answer *answer)
{
	const libraw_imgother_t &other = raw->imgdata.other;

	snprintf(answer->make, sizeof(answer->make), "%s", raw->imgdata.idata.make);
	snprintf(answer->model, sizeof(answer->model), "%s", raw->imgdata.idata.model);
	answer->exposureTime = other.shutter;
	answer->gain = other.iso_speed / 100.0;
	answer->seconds = other.timestamp > 0 ? other.timestamp : 0;
	answer->orientation = raw->imgdata.sizes.flip;
}

/* Copy the visible area, of an even size, behind the answer. */
bool writeAnswer(LibRaw *raw, Answer *answer, int fd)
{
	const libraw_image_sizes_t &sizes = raw->imgdata.sizes;
	const size_t pitch = sizes.raw_pitch / sizeof(uint16_t);

	answer->width = sizes.width & ~1u;
	answer->height = sizes.height & ~1u;
	if (answer->width < kMinimumSide || answer->height < kMinimumSide ||
	    sizes.left_margin + answer->width > pitch ||
	    sizes.top_margin + answer->height > sizes.raw_height) {
		setError(answer, fmt::format("a visible area of {}x{}, expected at least 16x16 within {}x{}",
					     sizes.width, sizes.height, pitch, sizes.raw_height));
		return false;
	}

	const uint16_t *first = raw->imgdata.rawdata.raw_image + sizes.top_margin * pitch +
				sizes.left_margin;
	const size_t bytes = answer->width * sizeof(uint16_t);
	for (size_t y = 0; y < answer->height; y++) {
		const uint16_t *line = first + y * pitch;
		const uint16_t largest = *std::max_element(line, line + answer->width);

		if (largest >> answer->bitDepth)
			answer->bitDepth = evenDepth(std::bit_width(largest));
		if (pwrite(fd, line, bytes, sizeof(*answer) + y * bytes) != static_cast<ssize_t>(bytes)) {
			setError(answer, "no memory for the samples");
			return false;
		}
	}

	return true;
}

void decode(std::span<const uint8_t> file, Answer *answer, int fd)
{
	auto raw = std::make_unique<LibRaw>();
	raw->imgdata.params.max_raw_memory_mb = kRawMegabytes;
	raw->imgdata.params.use_rawspeed = 0;

	int ret = raw->open_buffer(const_cast<uint8_t *>(file.data()), file.size());
	if (ret == LIBRAW_SUCCESS)
		ret = raw->unpack();
	if (ret != LIBRAW_SUCCESS) {
		setError(answer, fmt::format("LibRaw: {}", LibRaw::strerror(ret)));
		return;
	}
	if (raw->error_count()) {
		setError(answer, "LibRaw: samples are missing or damaged: the file is truncated or corrupt");
		return;
	}

	if (!findOrder(raw.get(), answer))
		return;
	findLevels(raw.get(), answer);
	findColour(raw.get(), answer);
	findCapture(raw.get(), answer);
	writeAnswer(raw.get(), answer, fd);
}

/* The sanitizers reserve more addresses than any limit would leave. */
constexpr bool kSanitized =
#if defined(__SANITIZE_ADDRESS__) || FOVEA_HAS_FEATURE(address_sanitizer)
	true;
#else
	false;
#endif

void restrictChild()
{
	const struct rlimit cpu = { kCpuSeconds, kCpuSeconds }, core = { 0, 0 },
			    memory = { kMemory, kMemory };

	/* A file that makes LibRaw crash is a fault of the file, not worth a core dump. */
	for (int number : { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT })
		signal(number, SIG_DFL);
	setrlimit(RLIMIT_CPU, &cpu);
	setrlimit(RLIMIT_CORE, &core);
	if (!kSanitized)
		setrlimit(RLIMIT_AS, &memory);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);

	/* What LibRaw has to say on paper is in the answer as well. */
	int null = open("/dev/null", O_RDWR);
	if (null >= 0) {
		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
	}
}

[[noreturn]] void runChild(std::span<const uint8_t> file, int fd)
{
	Answer answer{};

	restrictChild();
	try {
		decode(file, &answer, fd);
	} catch (...) {
		setError(&answer, "LibRaw: out of memory");
	}

	_exit(pwrite(fd, &answer, sizeof(answer), 0) == sizeof(answer) ? 0 : 1);
}

/* How the child ended; empty if well. */
std::string waitForChild(pid_t child)
{
	int status;

	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return strerror(errno);
	}

	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		return fmt::format("LibRaw took more than {} s on it", kCpuSeconds);
	if (WIFSIGNALED(status))
		return fmt::format("LibRaw crashed on it (signal {}): the file is corrupt",
				   WTERMSIG(status));
	if (WEXITSTATUS(status))
		return "LibRaw gave no answer";
	return "";
}

bool isNumber(double value, double max)
{
	return value >= 0.0 && value <= max;
}

/* The child has worked on a hostile file: its answer is not believed. */
std::string checkAnswer(const Answer &answer, uint64_t size)
{
	if (answer.width < kMinimumSide || answer.width > kMaximumSide ||
	    answer.height < kMinimumSide || answer.height > kMaximumSide)
		return fmt::format("{}x{} samples, expected 16x16 to 16384x16384", answer.width, answer.height);
	if (size < sizeof(answer) + uint64_t{ answer.width } * answer.height * sizeof(uint16_t))
		return "samples are missing";
	if (answer.order > 3 || answer.matrices > 2 || answer.bitDepth < 8 || answer.bitDepth > 16)
		return "LibRaw's answer makes no sense";
	if (answer.whiteLevel == 0 || answer.whiteLevel >> answer.bitDepth)
		return fmt::format("white level {}, expected 1 to {}", answer.whiteLevel,
				   (1u << answer.bitDepth) - 1);

	for (double level : answer.blackLevels) {
		if (!isNumber(level, answer.whiteLevel - 1))
			return fmt::format("black level {}, expected 0 to {}", level, answer.whiteLevel - 1);
	}
	for (double v : answer.neutral) {
		if (!isNumber(v, 1e6))
			return fmt::format("white balance {}, expected 0 to 1e6", v);
	}
	for (uint32_t m = 0; m < answer.matrices; m++) {
		for (double v : answer.xyzToCamera[m]) {
			if (!isNumber(fabs(v), 1e3))
				return fmt::format("coefficient {} of a colour matrix", v);
		}
	}
	if (!isNumber(answer.exposureTime, 3600.0) || !isNumber(answer.gain, 1e4))
		return fmt::format("exposure of {} s at gain {}", answer.exposureTime, answer.gain);

	return "";
}

void convert(const Answer &answer, RawImage *image)
{
	using Orientation = Recording::Orientation;
	constexpr uint64_t kSecond = 1'000'000'000;
	constexpr unsigned int kUpsideDown = 3;
	Recording &recording = image->recording;
	const std::string make(answer.make, strnlen(answer.make, sizeof(answer.make)));
	const std::string model(answer.model, strnlen(answer.model, sizeof(answer.model)));

	recording.model = modelName(make, model);
	recording.source = make + " " + model;
	recording.layout = { answer.width, answer.height, answer.bitDepth, Packing::U16LE, 0, 0, 0 };
	recording.order = static_cast<BayerOrder>(answer.order);
	recording.whiteLevel = answer.whiteLevel;
	recording.orientation = answer.orientation == kUpsideDown ? Orientation::Rotate180
								  : Orientation::Rotate0;
	std::copy(std::begin(answer.blackLevels), std::end(answer.blackLevels),
		  recording.blackLevels.begin());
	recording.blackLevel = (answer.blackLevels[0] + answer.blackLevels[1] +
				answer.blackLevels[2] + answer.blackLevels[3]) / 4.0;

	recording.matrices.clear();
	for (uint32_t m = 0; m < answer.matrices; m++) {
		ColourMatrix &matrix = recording.matrices.emplace_back();
		matrix.illuminant = std::min(answer.illuminants[m], 255u);
		std::copy(std::begin(answer.xyzToCamera[m]), std::end(answer.xyzToCamera[m]),
			  matrix.xyzToCamera.begin());
	}

	image->info = {};
	image->info.exposureTime = answer.exposureTime;
	image->info.analogueGain = answer.gain;
	image->info.timestamp = std::min<uint64_t>(answer.seconds, UINT32_MAX) * kSecond;
	setNeutral(answer.neutral, &image->info);
}

bool readAnswer(int fd, RawImage *image, std::string *error)
{
	struct stat status;
	Answer answer;

	if (fstat(fd, &status) || pread(fd, &answer, sizeof(answer), 0) != sizeof(answer)) {
		*error = "LibRaw gave no answer";
		return false;
	}

	answer.error[sizeof(answer.error) - 1] = '\0';
	*error = answer.error[0] ? answer.error : checkAnswer(answer, status.st_size);
	if (!error->empty())
		return false;

	convert(answer, image);
	image->samples.resize(size_t{ answer.width } * answer.height);
	const size_t bytes = image->samples.size() * sizeof(uint16_t);
	for (size_t done = 0; done < bytes;) {
		ssize_t count = pread(fd, reinterpret_cast<char *>(image->samples.data()) + done,
				      bytes - done, sizeof(answer) + done);
		if (count <= 0) {
			*error = "LibRaw's samples cannot be read";
			return false;
		}
		done += count;
	}

	return true;
}

} /* namespace */

/**
 * \brief Read a raw file that LibRaw knows
 * \param[in] file The whole file
 * \param[out] image The frame, cut to the visible area
 * \param[out] error What LibRaw says, or what it died of
 *
 * LibRaw decodes formats of many makers and has had its share of overflows. It runs
 * in a process of its own, with limits on time (120 s) and memory (3 GiB), and what it
 * answers is checked. A crash is an error like others. The process calling must have one
 * thread only.
 */
bool readWithLibRaw(std::span<const uint8_t> file, RawImage *image, std::string *error)
{
	int fd = memfd_create("fovea-libraw", MFD_CLOEXEC);
	if (fd < 0) {
		*error = fmt::format("no memory for LibRaw's answer: {}", strerror(errno));
		return false;
	}

	pid_t child = fork();
	if (child == 0)
		runChild(file, fd);

	*error = child < 0 ? fmt::format("cannot start a process for LibRaw: {}", strerror(errno))
			   : waitForChild(child);
	const bool good = error->empty() && readAnswer(fd, image, error);
	close(fd);
	return good;
}

} /* namespace fovea::tune */
