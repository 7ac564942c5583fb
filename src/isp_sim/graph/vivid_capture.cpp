/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * vivid: the webcam
 */

#include <algorithm>
#include <chrono>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <fmt/format.h>

#include <linux/v4l2-controls.h>

#include "text.h"
#include "vivid.h"

namespace fovea::graph {

namespace {

constexpr unsigned int kMinBuffers = 2;

/* Sizes and intervals of the webcam, in increasing order of size and rate. */
constexpr Size kSizes[] = {
	{ 320, 180 }, { 640, 360 }, { 640, 480 }, { 1280, 720 }, { 1920, 1080 }, { 3840, 2160 },
};

constexpr size_t kDefaultSize = 1;

constexpr v4l2_fract kIntervals[] = {
	{ 1, 1 }, { 1, 2 }, { 1, 4 }, { 1, 5 }, { 1, 10 }, { 2, 25 }, { 1, 15 },
	{ 1, 25 }, { 1, 30 }, { 1, 40 }, { 1, 50 }, { 1, 60 }, { 1, 120 },
};

/* Large pictures come more slowly. */
size_t intervalCount(const Size &size)
{
	if (size.height >= 2160)
		return 7;
	if (size.height >= 1080)
		return 9;
	if (size.height >= 720)
		return 12;
	return std::size(kIntervals);
}

const Size *findSize(uint32_t width, uint32_t height)
{
	auto it = std::find_if(std::begin(kSizes), std::end(kSizes), [&](const Size &size) {
		return size.width == width && size.height == height;
	});
	return it == std::end(kSizes) ? nullptr : it;
}

const Size &nearestSize(uint32_t width, uint32_t height)
{
	auto distance = [&](const Size &size) {
		return std::abs(int64_t{ size.width } - width) + std::abs(int64_t{ size.height } - height);
	};
	return *std::min_element(std::begin(kSizes), std::end(kSizes), [&](const Size &a, const Size &b) {
		return distance(a) < distance(b);
	});
}

double seconds(const v4l2_fract &interval)
{
	return static_cast<double>(interval.numerator) / interval.denominator;
}

/* The longest interval that is no longer than \a wanted; without one the shortest. */
size_t findInterval(double wanted, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (seconds(kIntervals[i]) <= wanted)
			return i;
	}

	return count - 1;
}

struct PictureSettings {
	PatternSettings pattern;
	int32_t textMode;
	int32_t shiftX;		/* pixels to the right */
	int32_t shiftY;		/* pixels down */
	bool border;
	uint32_t sequence;
	uint64_t milliseconds;
};

/* Pixels a frame, for the entries of the menu. */
int32_t movement(int32_t entry, uint32_t sequence)
{
	constexpr int kSpeeds[] = { -8, -4, -1, 0, 1, 4, 8 };
	return kSpeeds[entry] * static_cast<int32_t>(sequence % 65536);
}

void shift(const PictureSettings &settings, const Image &image)
{
	const auto [width, height] = image.size;
	const auto wrap = [](int32_t value, uint32_t size) {
		const auto modulus = static_cast<int32_t>(size);
		return static_cast<size_t>(((-value) % modulus + modulus) % modulus);
	};
	const size_t left = wrap(settings.shiftX, width) * image.format->bytes;
	const size_t up = wrap(settings.shiftY, height) * image.stride();

	for (unsigned int y = 0; left && y < height; y++)
		std::rotate(image.row(y), image.row(y) + left, image.row(y) + image.stride());
	std::rotate(image.data.begin(), image.data.begin() + up, image.data.end());
}

/* A line of one pixel around the picture: white above and left, red elsewhere. */
void drawBorder(const Image &image)
{
	const auto [width, height] = image.size;
	constexpr Color white = { 255, 255, 255 };
	constexpr Color red = { 255, 0, 0 };
	auto store = [&](unsigned int x, unsigned int y, Color color) {
		storePixel(*image.format, x, y, color, image.row(y) + x * image.format->bytes);
	};

	for (unsigned int x = 0; x < width; x++) {
		store(x, 0, white);
		store(x, height - 1, red);
	}
	for (unsigned int y = 1; y < height; y++) {
		store(0, y, white);
		store(width - 1, y, red);
	}
}

void drawTexts(const PictureSettings &settings, const Image &image)
{
	if (settings.textMode == 2)
		return;

	const uint64_t ms = settings.milliseconds;
	drawText(image, 16, 16, fmt::format(" {:02}:{:02}:{:02}:{:03} {} ", ms / 3600000 % 24,
					    ms / 60000 % 60, ms / 1000 % 60, ms % 1000,
					    settings.sequence));
	if (settings.textMode == 1)
		return;

	drawText(image, 16, 32, fmt::format(" {}x{}, input 0 ", image.size.width, image.size.height));
	drawText(image, 16, 48, fmt::format(" brightness {:3}, contrast {:3}, saturation {:3}, hue {} ",
					    settings.pattern.brightness, settings.pattern.contrast,
					    settings.pattern.saturation, settings.pattern.hue));
}

void drawPicture(const PictureSettings &settings, const Image &image)
{
	renderPattern(settings.pattern, settings.sequence, image);
	shift(settings, image);
	if (settings.border)
		drawBorder(image);
	drawTexts(settings, image);
}

} /* namespace */

/* --------------------------------------------------------------------------
 * VividNode
 */

VividNode::VividNode(v4l2::EventLoop *loop, v4l2::MediaDevice *media, const EntityConfig &config,
		     v4l2_buf_type type, double frameRate, bool virtualTime)
	: VideoDevice(media, config.name, type,
		      V4L2_TYPE_IS_OUTPUT(type) ? MEDIA_PAD_FL_SOURCE : MEDIA_PAD_FL_SINK),
	  streamer_(loop, this, frameRate, virtualTime, Streamer::Sequence::CountPeriods)
{
	addVividUserControls(&controls_);
}

int VividNode::enumFormat(v4l2_fmtdesc *description)
{
	if (description->index >= memoryFormats().size())
		return -EINVAL;

	description->pixelformat = memoryFormats()[description->index].fourcc;
	return 0;
}

/* Complete a format whose size and colorimetry are right. */
void VividNode::fillSizes(v4l2_pix_format *pix) const
{
	const MemoryFormat *format = memoryFormat(pix->pixelformat);
	if (!format)
		format = &memoryFormats()[0];

	pix->pixelformat = format->fourcc;
	pix->field = V4L2_FIELD_NONE;
	pix->bytesperline = format->stride(pix->width);
	pix->sizeimage = format->imageSize({ pix->width, pix->height });
	pix->flags = 0;
}

/* One control has an element for each pixel, of sizes rounded up to 16. */
void VividNode::formatChanged()
{
	constexpr uint32_t step = 16;
	const auto roundUp = [](uint32_t size) { return (size + step - 1) / step * step; };
	const v4l2_pix_format &pix = format().fmt.pix;

	controls_.find(kCidVividPixelArray)->modifyDimensions({ roundUp(pix.width), roundUp(pix.height) });
}

int VividNode::queueSetup(unsigned int *count, std::vector<size_t> *sizes)
{
	if (sizes->empty())
		*count = std::max(*count, kMinBuffers);

	return VideoDevice::queueSetup(count, sizes);
}

void VividNode::bufQueue(v4l2::Buffer &buffer)
{
	pending_.push_back(&buffer);
	streamer_.bufferQueued();
}

void VividNode::stopStreaming()
{
	if (v4l2::Buffer *buffer = streamer_.stop())
		queue().complete(*buffer, v4l2::BufferState::Error);
	while (v4l2::Buffer *buffer = takeBuffer())
		queue().complete(*buffer, v4l2::BufferState::Error);
}

v4l2::Buffer *VividNode::takeBuffer()
{
	if (pending_.empty())
		return nullptr;

	v4l2::Buffer *buffer = pending_.front();
	pending_.pop_front();
	return buffer;
}

void VividNode::complete(v4l2::Buffer *buffer, uint32_t sequence, uint64_t timestamp)
{
	buffer->sequence = sequence;
	buffer->timestamp = timestamp;
	buffer->field = V4L2_FIELD_NONE;
	if (!queue().output())
		buffer->setBytesUsed(0, planeSize(0));
	queue().complete(*buffer, v4l2::BufferState::Done);
}

/* --------------------------------------------------------------------------
 * VividCapture
 */

/**
 * \class VividCapture
 * \brief A webcam: a few sizes, each with a few frame rates
 */

VividCapture::VividCapture(v4l2::EventLoop *loop, v4l2::MediaDevice *media,
			   const EntityConfig &config, double frameRate, bool virtualTime)
	: VividNode(loop, media, config, V4L2_BUF_TYPE_VIDEO_CAPTURE, frameRate, virtualTime),
	  intervalIndex_(findInterval(1.0 / frameRate, std::size(kIntervals))),
	  rgb_(std::make_shared<std::vector<uint8_t>>())
{
	controls_.setOperations(this);
	addVividPictureControls(&controls_);

	v4l2_format format = {};
	format.fmt.pix.width = kSizes[kDefaultSize].width;
	format.fmt.pix.height = kSizes[kDefaultSize].height;
	setDefaultFormat(format);
	formatChanged();
}

int VividCapture::tryFormat(v4l2_format *format)
{
	v4l2_pix_format &pix = format->fmt.pix;
	const Size &size = nearestSize(pix.width, pix.height);

	pix.width = size.width;
	pix.height = size.height;
	pix.colorspace = V4L2_COLORSPACE_SRGB;
	pix.ycbcr_enc = V4L2_YCBCR_ENC_DEFAULT;
	pix.quantization = V4L2_QUANTIZATION_DEFAULT;
	pix.xfer_func = V4L2_XFER_FUNC_DEFAULT;
	fillSizes(&pix);
	return 0;
}

int VividCapture::enumFrameSizes(v4l2_frmsizeenum *size)
{
	if (size->index >= std::size(kSizes) || !memoryFormat(size->pixel_format))
		return -EINVAL;

	size->type = V4L2_FRMSIZE_TYPE_DISCRETE;
	size->discrete = { kSizes[size->index].width, kSizes[size->index].height };
	return 0;
}

int VividCapture::enumFrameIntervals(v4l2_frmivalenum *interval)
{
	const Size *size = findSize(interval->width, interval->height);
	if (!size || !memoryFormat(interval->pixel_format) || interval->index >= intervalCount(*size))
		return -EINVAL;

	interval->type = V4L2_FRMIVAL_TYPE_DISCRETE;
	interval->discrete = kIntervals[interval->index];
	return 0;
}

/* The interval of the present size: not every size has every one. */
v4l2_fract VividCapture::interval() const
{
	const Size size = { format().fmt.pix.width, format().fmt.pix.height };
	return kIntervals[std::min(intervalIndex_, intervalCount(size) - 1)];
}

int VividCapture::streamParameters(v4l2_streamparm *parameters, bool set)
{
	v4l2_captureparm &capture = parameters->parm.capture;
	const v4l2_fract wanted = capture.timeperframe;

	if (set) {
		const size_t count = intervalCount({ format().fmt.pix.width, format().fmt.pix.height });
		intervalIndex_ = wanted.numerator && wanted.denominator
			       ? findInterval(seconds(wanted), count)
			       : count - 1;
		streamer_.setFrameRate(1.0 / seconds(interval()));
	}

	capture = {};
	capture.capability = V4L2_CAP_TIMEPERFRAME;
	capture.timeperframe = interval();
	return 0;
}

int VividCapture::startStreaming()
{
	streamer_.setFrameRate(1.0 / seconds(interval()));
	streamer_.start({ this });
	return 0;
}

int32_t VividCapture::control(uint32_t id) const
{
	return controls_.find(id)->value();
}

int VividCapture::getVolatile([[maybe_unused]] const v4l2::Control &control, int64_t *value)
{
	const auto now = v4l2::EventLoop::Clock::now().time_since_epoch();
	*value = std::chrono::duration_cast<std::chrono::seconds>(now).count() & 0xff;
	return 0;
}

FrameStep VividCapture::prepareFrame(const FrameTime &time)
{
	const v4l2_pix_format &pix = format().fmt.pix;
	const Size size = { pix.width, pix.height };
	const PixelFormat *rgb24 = formatByFourcc(V4L2_PIX_FMT_RGB24);

	PictureSettings settings = {};
	settings.pattern.pattern = static_cast<Pattern>(control(kCidVividPattern));
	settings.pattern.horizontalFlip = control(V4L2_CID_HFLIP) != control(kCidVividSensorHflip);
	settings.pattern.verticalFlip = control(V4L2_CID_VFLIP) != control(kCidVividSensorVflip);
	settings.pattern.brightness = control(V4L2_CID_BRIGHTNESS);
	settings.pattern.contrast = control(V4L2_CID_CONTRAST);
	settings.pattern.saturation = control(V4L2_CID_SATURATION);
	settings.pattern.hue = control(V4L2_CID_HUE);
	settings.textMode = control(kCidVividTextMode);
	settings.shiftX = movement(control(kCidVividHorizontalMove), time.sequence);
	settings.shiftY = movement(control(kCidVividVerticalMove), time.sequence);
	settings.border = control(kCidVividBorder);
	settings.sequence = time.sequence;
	settings.milliseconds = time.sinceStart / 1000000;

	return { rgb24, size,
		 [settings, rgb24, size, memory = rgb_, format = memoryFormat(pix.pixelformat)]
		 (const Image &, const Image &output) {
			 memory->resize(size_t{ size.width } * size.height * 3);
			 const Image rgb = { rgb24, size, *memory };
			 drawPicture(settings, rgb);
			 packImage(rgb, *format, output.data.data());
		 } };
}

} /* namespace fovea::graph */
