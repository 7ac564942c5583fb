/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The ISP model: raw frame and parameters to pictures and statistics
 */

#include "isp.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <errno.h>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

#include "band.h"
#include "params.h"
#include "reference.h"

namespace fovea::isp {

namespace {

/*
 * Give a condition a little time to come true. Waking up a thread that sleeps takes about as
 * long, a thirtieth of what two threads need for a frame of 1920x1080.
 */
template<typename Condition>
void waitBriefly(const Condition &condition)
{
	constexpr std::chrono::microseconds kPatience{ 50 };
	const auto end = std::chrono::steady_clock::now() + kPatience;

	while (!condition() && std::chrono::steady_clock::now() < end)
		std::this_thread::yield();
}

/* One thread for each band but the first, which the caller of run() does. */
class BandThreads
{
public:
	explicit BandThreads(std::vector<std::unique_ptr<Band>> bands)
		: bands_(std::move(bands))
	{
		threads_.reserve(bands_.size());
		for (size_t i = 1; i < bands_.size(); ++i)
			threads_.emplace_back([this, i](std::stop_token stop) { work(i, stop); });
	}

	~BandThreads()
	{
		for (std::jthread &thread : threads_)
			thread.request_stop();
	}

	const std::vector<std::unique_ptr<Band>> &bands() const { return bands_; }

	using Pass = void (Band::*)(const Frame &frame);

	/* Do a pass over @frame in all bands; returns when all are done. */
	void run(const Frame &frame, Pass pass)
	{
		{
			const std::lock_guard lock(mutex_);
			frame_ = &frame;
			pass_ = pass;
			frameNumber_++;
			busy_ = threads_.size();
		}
		started_.notify_all();

		(*bands_[0].*pass)(frame);

		waitBriefly([this] { return busy_ == 0; });
		std::unique_lock lock(mutex_);
		done_.wait(lock, [this] { return busy_ == 0; });
		frame_ = nullptr;
	}

private:
	void work(size_t index, const std::stop_token &stop)
	{
		uint64_t seen = 0;

		while (true) {
			const Frame *frame;
			Pass pass;
			waitBriefly([&] { return frameNumber_ != seen; });
			{
				std::unique_lock lock(mutex_);
				if (!started_.wait(lock, stop, [&] { return frameNumber_ != seen; }))
					return;
				seen = frameNumber_;
				frame = frame_;
				pass = pass_;
			}

			(*bands_[index].*pass)(*frame);

			const std::lock_guard lock(mutex_);
			if (--busy_ == 0)
				done_.notify_one();
		}
	}

	std::vector<std::unique_ptr<Band>> bands_;
	std::mutex mutex_;
	std::condition_variable_any started_;
	std::condition_variable done_;
	const Frame *frame_ = nullptr;
	Pass pass_ = nullptr;
	/* Changed with the mutex held. */
	std::atomic<uint64_t> frameNumber_ = 0;
	std::atomic<size_t> busy_ = 0;
	/* The last member: the threads end before what they use. */
	std::vector<std::jthread> threads_;
};

/*
 * The reach of a correction of geometry for which bands keep rows of their own, or 0:
 * what they do twice to have these rows must be little beside their share.
 */
unsigned int ringReach(const Configuration &configuration, const fovea_isp_dewarp &params)
{
	const unsigned int reach = dewarpReach(params);
	const unsigned int bandRows = configuration.input.size.height / 2 / configuration.threads;
	const bool little = configuration.threads == 1 || 8 * reach <= bandRows;
	return little && reach <= kDewarpRingReach ? reach : 0;
}

} /* namespace */

class Isp::Private
{
public:
	explicit Private(const Configuration &configuration);

	const Configuration configuration;
	std::vector<OutputFilters> filters;
	TemporalFrames temporal;
	DewarpPicture straight;
	DecompandTable decompand;
	Lut3dTable lut3d;
	std::unique_ptr<BandThreads> threads;
};

Isp::Private::Private(const Configuration &config)
	: configuration(config), temporal(configuration.input.size),
	  straight(configuration.input.size, std::any_of(configuration.outputs.begin(), configuration.outputs.end(),
							 [](const OutputFormat &output) { return isRgb(output.format); })),
	  decompand(configuration.input.bitDepth)
{
	filters.reserve(configuration.outputs.size());
	for (const OutputFormat &output : configuration.outputs)
		filters.emplace_back(output);

	/* A band has at least one row of quads. */
	const unsigned int quadRows = configuration.input.size.height / 2;
	const unsigned int count = std::min(configuration.threads, quadRows);

	std::vector<std::unique_ptr<Band>> bands;
	for (unsigned int i = 0; i < count; ++i) {
		const RowRange rows{ i * quadRows / count, (i + 1) * quadRows / count };
		bands.push_back(std::make_unique<Band>(configuration, filters, rows));
	}

	/* How many bands read each row of the reference. */
	std::vector<unsigned int> readers(quadRows);
	for (const std::unique_ptr<Band> &band : bands) {
		const RowRange rows = band->developedRows();
		for (unsigned int q = rows.first; q < rows.last; ++q)
			readers[q]++;
	}
	for (unsigned int q = 0; q < quadRows; ++q) {
		if (readers[q] == 1)
			temporal.replaceInPlace(q);
	}

	threads = std::make_unique<BandThreads>(std::move(bands));
}

Isp::Isp() = default;

Isp::~Isp() = default;

/**
 * Prepare for frames of one configuration
 * @configuration: formats of the raw frame and of the outputs (possibly none),
 *	and the number of threads, 1 to 64. The input has an even size from 16x16
 *	to 16384x16384, 8 to 16 bits and 1 to 3 exposures. The crop of an output lies
 *	inside of the input; the output has 1/32 to 16 times the size of its crop in each
 *	direction. NV12 and NV21 have even sizes, NV16 and YUYV an even width
 * @error: if not null, receives what is wrong and what is expected
 *
 * Allocates all memory and starts the threads that process() needs. On an error
 * the previous configuration stays.
 *
 * Returns 0, -EINVAL, -ENOMEM, or -EAGAIN if a thread can not be started.
 */
int Isp::configure(const Configuration &configuration, std::string *error)
{
	int ret = validateConfiguration(configuration, error);
	if (ret < 0)
		return ret;

	try {
		d_ = std::make_unique<Private>(configuration);
	} catch (const std::bad_alloc &) {
		if (error)
			*error = "out of memory: choose a smaller frame or fewer outputs";
		return -ENOMEM;
	} catch (const std::exception &exception) {
		if (error)
			*error = std::string("threads can not be started: ") + exception.what();
		return -EAGAIN;
	}

	return 0;
}

/**
 * Process a frame
 * @raw: the raw frame in the configured format
 * @params: the state of all blocks
 * @outputs: a buffer for each configured output, of outputSize() bytes; an empty
 *	one leaves that output out, and no buffer at all leaves out all pictures
 * @stats: if not null, receives the statistics; its field sequence is kept
 *
 * The result depends on the arguments alone, bit for bit, not on the number of threads
 * or the processor; on earlier frames only through the reference of the temporal noise
 * reduction, which configure() drops. It equals processReference(). One
 * frame is processed at a time. Only the bytes of the pictures are written, not
 * those between the rows.
 *
 * Returns 0, -EINVAL if configure() has not succeeded, a buffer is too small or
 * their number is wrong.
 */
int Isp::process(std::span<const uint8_t> raw, const Params &params,
		 std::span<const std::span<uint8_t>> outputs, fovea_isp_stats_buffer *stats)
{
	if (!d_)
		return -EINVAL;

	int ret = validateBuffers(d_->configuration, raw, outputs);
	if (ret < 0)
		return ret;

	if (!blockDisabled(params.decompand.header))
		d_->decompand.update(params.decompand);
	if (!blockDisabled(params.lut3d.header))
		d_->lut3d.update(params.lut3d);

	const Frame frame(raw, params, outputs, stats, d_->temporal, d_->decompand, d_->lut3d,
			  d_->straight, ringReach(d_->configuration, params.dewarp));
	d_->threads->run(frame, &Band::process);
	if (frame.twoPasses())
		d_->threads->run(frame, &Band::dewarp);

	if (frame.mixed())
		d_->temporal.advance();
	else if (frame.pictures)
		d_->temporal.forget();

	if (!stats)
		return 0;

	const uint32_t sequence = stats->sequence;
	*stats = {};
	stats->version = FOVEA_ISP_STATS_VERSION_2;
	stats->sequence = sequence;
	for (const std::unique_ptr<Band> &band : d_->threads->bands())
		band->stats().addTo(frame, stats);

	return 0;
}

} /* namespace fovea::isp */
