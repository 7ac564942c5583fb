/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The work of a frame: rendering by the sensor, processing by the ISP
 */

#include "frame_engine.h"

#include <algorithm>
#include <errno.h>
#include <string.h>

#include "isp_sim/sensor/csi2_packing.h"

namespace fovea::device {

/**
 * \class FrameEngine
 * \brief Two stages, a thread each, that work on successive frames
 *
 * Frames pass in order through rendering and processing; while one is processed
 * the next is rendered. The slots are a ring: frame number n uses slot
 * n % kSlots in both stages, so nothing is allocated or copied between
 * them but the description of the frame.
 */

/*
 * A frame on its way, the raw frame for the ISP, and memory for what the frame's
 * own memory has in another form.
 */
struct FrameEngine::Slot {
	FrameWork work;
	std::span<const uint8_t> raw;
	std::vector<uint8_t> scratch;
	std::array<std::vector<uint8_t>, 2> pictures;
};

FrameEngine::FrameEngine(sensor::Sensor *sensor,
			 std::function<void(const FrameWork &)> completed)
	: sensor_(sensor), completed_(std::move(completed)), rawFormat_(), rawRows_(0), rawSize_(0),
	  running_(false), submitted_(0), rendered_(0), processed_(0),
	  reported_(0)
{
}

FrameEngine::~FrameEngine()
{
	stop();
}

/**
 * \brief Configure the ISP, prepare the sensor and start the threads
 * \param[in] configuration Raw format, outputs (none: statistics only), threads
 * \param[in] mode The sensor's mode, whose preparation may take some time;
 * without a sensor each frame brings its input
 * \return 0, or a negative error code with \a error set
 */
int FrameEngine::start(const isp::Configuration &configuration, unsigned int mode,
		       std::string *error)
{
	isp::Configuration statsOnly = configuration;
	statsOnly.outputs.clear();

	int ret = statsIsp_.configure(statsOnly, error);
	if (ret)
		return ret;

	if (!configuration.outputs.empty()) {
		ret = isp_.configure(configuration, error);
		if (ret)
			return ret;
	}

	ret = sensor_ ? sensor_->prepare(mode) : 0;
	if (ret) {
		*error = std::string("the sensor cannot prepare its mode: ") + strerror(-ret);
		return ret;
	}

	rawFormat_ = configuration.input;
	rawRows_ = rawFormat_.size.height * rawFormat_.exposures;
	rawSize_ = rawFormat_.stride * rawRows_;
	pictureSizes_.clear();
	for (const isp::OutputFormat &output : configuration.outputs)
		pictureSizes_.push_back(isp::outputSize(output));
	for (std::unique_ptr<Slot> &slot : slots_)
		slot = std::make_unique<Slot>();

	submitted_ = rendered_ = processed_ = reported_ = 0;
	running_ = true;
	renderer_ = std::thread(&FrameEngine::renderThread, this);
	processor_ = std::thread(&FrameEngine::processThread, this);

	return 0;
}

/**
 * \brief Finish the frames in work, then end the threads
 *
 * All frames that were submitted have been reported when this returns.
 */
void FrameEngine::stop()
{
	{
		std::lock_guard lock(mutex_);
		running_ = false;
	}
	changed_.notify_all();

	if (renderer_.joinable())
		renderer_.join();
	if (processor_.joinable())
		processor_.join();
}

/** \brief Wait until every frame that was submitted has been reported */
void FrameEngine::drain()
{
	std::unique_lock lock(mutex_);
	changed_.wait(lock, [this] { return reported_ == submitted_; });
}

/** \brief Whether submit() would take a frame now */
bool FrameEngine::canSubmit() const
{
	std::lock_guard lock(mutex_);
	return running_ && submitted_ - processed_ < kMaxInFlight;
}

/**
 * \brief Hand over a frame
 * \return True, or false where kMaxInFlight frames are already in work
 *
 * Memory that \a work refers to must stay valid until the frame is reported.
 */
bool FrameEngine::submit(const FrameWork &work)
{
	{
		std::lock_guard lock(mutex_);
		if (!running_ || submitted_ - processed_ >= kMaxInFlight)
			return false;

		slots_[submitted_ % kSlots]->work = work;
		submitted_++;
	}
	changed_.notify_all();

	return true;
}

void FrameEngine::renderThread()
{
	std::unique_lock lock(mutex_);

	while (true) {
		changed_.wait(lock, [this] { return !running_ || rendered_ < submitted_; });
		if (rendered_ == submitted_)
			return;

		Slot *slot = slots_[rendered_ % kSlots].get();
		lock.unlock();
		render(slot);
		lock.lock();
		rendered_++;
		changed_.notify_all();
	}
}

void FrameEngine::processThread()
{
	std::unique_lock lock(mutex_);

	while (true) {
		changed_.wait(lock, [this] {
			return processed_ < rendered_ || (!running_ && processed_ == submitted_);
		});
		if (processed_ == rendered_)
			return;

		Slot *slot = slots_[processed_ % kSlots].get();
		lock.unlock();
		process(slot);
		lock.lock();
		/*
		 * Whoever hears of the frame finds room for the next. The slot
		 * is not used again before the next frame is processed.
		 */
		processed_++;
		lock.unlock();
		completed_(slot->work);
		lock.lock();
		reported_++;
		changed_.notify_all();
	}
}

/* Memory for an unpacked raw frame, kept from frame to frame. */
std::span<uint8_t> FrameEngine::scratch(Slot *slot) const
{
	slot->scratch.resize(rawSize_);
	return slot->scratch;
}

/* The first stage: the raw frame, and its capture. */
void FrameEngine::render(Slot *slot)
{
	FrameWork &work = slot->work;

	if (!work.input.empty()) {
		if (!work.inputLayout.packed) {
			slot->raw = work.input;
			return;
		}

		std::span<uint8_t> raw = scratch(slot);
		for (unsigned int y = 0; y < rawRows_; y++)
			sensor::unpackCsi2Line(work.input.data() + y * work.inputLayout.stride,
				       rawFormat_.size.width, rawFormat_.bitDepth,
				       raw.data() + y * rawFormat_.stride);
		slot->raw = raw;
		return;
	}

	const bool direct = !work.raw.empty() && !work.rawLayout.packed;
	std::span<uint8_t> raw = direct ? work.raw.first(rawSize_) : scratch(slot);

	slot->raw = raw;
	work.status = sensor_->render(work.settings, work.sequence, work.time, raw,
				      rawFormat_.stride);
	if (!work.raw.empty() && !direct)
		capture(slot);
}

/* Pack the raw frame into the buffer that captures it. */
void FrameEngine::capture(Slot *slot) const
{
	const FrameWork &work = slot->work;

	for (unsigned int y = 0; y < rawRows_; y++)
		sensor::packCsi2Line(slot->raw.data() + y * rawFormat_.stride, rawFormat_.size.width,
			     rawFormat_.bitDepth, work.raw.data() + y * work.rawLayout.stride);
}

/* Where the ISP writes the pictures: it knows no planes in other buffers. */
std::vector<std::span<uint8_t>> FrameEngine::pictures(Slot *slot) const
{
	std::vector<std::span<uint8_t>> result;

	for (size_t i = 0; i < pictureSizes_.size(); i++) {
		const OutputMemory &memory = slot->work.outputs[i];
		if (memory[1].empty()) {
			result.push_back(memory[0]);
			continue;
		}

		slot->pictures[i].resize(pictureSizes_[i]);
		result.push_back(slot->pictures[i]);
	}

	return result;
}

/* Bring pictures with planes in other buffers to where they belong. */
void FrameEngine::splitPictures(Slot *slot) const
{
	for (size_t i = 0; i < pictureSizes_.size(); i++) {
		const OutputMemory &memory = slot->work.outputs[i];
		if (memory[1].empty())
			continue;

		const std::vector<uint8_t> &picture = slot->pictures[i];
		memcpy(memory[0].data(), picture.data(), memory[0].size());
		memcpy(memory[1].data(), picture.data() + memory[0].size(), memory[1].size());
	}
}

/* The second stage: pictures and statistics. Both statistics are of one frame. */
void FrameEngine::process(Slot *slot)
{
	FrameWork &work = slot->work;
	const bool wanted = std::any_of(work.outputs.begin(), work.outputs.end(),
					[](const OutputMemory &m) { return !m[0].empty(); });
	fovea_isp_stats_buffer *stats = work.stats ? work.stats : work.backEndStats;

	if (work.status || (!wanted && !stats))
		return;

	if (wanted) {
		work.status = isp_.process(slot->raw, work.params, pictures(slot), stats);
		splitPictures(slot);
	} else {
		work.status = statsIsp_.process(slot->raw, work.params, {}, stats);
	}

	if (stats)
		stats->sequence = work.sequence;
	if (work.stats && work.backEndStats)
		*work.backEndStats = *work.stats;
}

} /* namespace fovea::device */
