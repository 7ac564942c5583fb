/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Frames in memory and read ahead: any order, groups, errors
 */

#include <algorithm>
#include <atomic>

#include <gtest/gtest.h>

#include "isp_sim/sensor/frame_source.h"

using namespace fovea::sensor;

namespace {

constexpr size_t kSize = 64;

/* Each frame is full of its own number; one of them may be bad. */
class Frames
{
public:
	explicit Frames(size_t bad = SIZE_MAX)
		: bad_(bad)
	{
	}

	FrameSource::Read read()
	{
		return [this](size_t frame, std::span<uint8_t> bytes, std::string *error) {
			reads_++;
			if (frame == bad_) {
				*error = "frame " + std::to_string(frame) + " is bad";
				return false;
			}
			std::fill(bytes.begin(), bytes.end(), frame);
			return true;
		};
	}

	size_t reads() const { return reads_; }

private:
	size_t bad_;
	std::atomic<size_t> reads_ = 0;
};

void expectGroup(std::span<const uint8_t> bytes, size_t group, size_t size)
{
	ASSERT_EQ(bytes.size(), size * kSize);
	for (size_t i = 0; i < bytes.size(); i++)
		ASSERT_EQ(bytes[i], group * size + i / kSize);
}

} /* namespace */

TEST(FrameSource, GivesEveryFrameInAnyOrder)
{
	for (size_t group : { size_t{ 1 }, size_t{ 3 } }) {
		for (bool resident : { false, true }) {
			for (bool loop : { false, true }) {
				Frames frames;
				FrameSource source({ 12, kSize, group, loop }, frames.read());
				std::string error;
				if (resident)
					ASSERT_TRUE(source.load(&error));
				else
					source.readAhead();

				uint32_t random = 1;
				for (unsigned int i = 0; i < 200; i++) {
					random = random * 1664525 + 1013904223;
					const size_t count = 12 / group;
					const size_t index = i < 100 ? i % count : (random >> 16) % count;
					expectGroup(source.acquire(index, &error), index, group);
				}
			}
		}
	}
}

TEST(FrameSource, AFrameInItsOrderIsReadOnce)
{
	Frames frames;
	FrameSource source({ 50, kSize, 1, false }, frames.read());
	std::string error;

	source.readAhead();
	for (size_t i = 0; i < 50; i++)
		expectGroup(source.acquire(i, &error), i, 1);
	EXPECT_EQ(frames.reads(), 50u);
}

TEST(FrameSource, FewerFramesThanBuffers)
{
	for (size_t count : { 1, 2, 3 }) {
		Frames frames;
		FrameSource source({ count, kSize, 1, true }, frames.read());
		std::string error;
		source.readAhead();
		for (size_t i = 0; i < 20; i++)
			expectGroup(source.acquire(i % count, &error), i % count, 1);
		EXPECT_EQ(frames.reads(), count);
	}
}

TEST(FrameSource, ABadFrameIsAnErrorEachTimeAndOthersAreNot)
{
	Frames frames(2);
	FrameSource source({ 5, kSize, 1, true }, frames.read());
	source.readAhead();

	for (size_t i = 0; i < 20; i++) {
		std::string error;
		const auto samples = source.acquire(i % 5, &error);
		if (i % 5 == 2) {
			EXPECT_TRUE(samples.empty());
			EXPECT_EQ(error, "frame 2 is bad");
		} else {
			expectGroup(samples, i % 5, 1);
		}
	}

	Frames again(2);
	FrameSource resident({ 5, kSize, 1, true }, again.read());
	std::string error;
	EXPECT_FALSE(resident.load(&error));
	EXPECT_EQ(error, "frame 2 is bad");
}

TEST(FrameSource, EndsWhileItReads)
{
	for (unsigned int i = 0; i < 50; i++) {
		Frames frames;
		FrameSource source({ 100, kSize, 1, true }, frames.read());
		source.readAhead();
	}
}
