/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What of the worker's log passes
 */

#include <string>

#include <gtest/gtest.h>

#include "sandbox/log_filter.h"

using fovea::sandbox::LogFilter;

namespace {

constexpr size_t kBurst = 256 * 1024;

TEST(LogFilter, PassesTextAndColours)
{
	LogFilter filter;
	const std::string text = "\033[1;31mERROR\033[0m \tä: 7\n";
	EXPECT_EQ(filter.accept(text, 0), text);
}

TEST(LogFilter, TakesAwayWhatActsOnATerminal)
{
	LogFilter filter;
	EXPECT_EQ(filter.accept("a\rb\ac\x7f\b", 0), "a?b?c??");
	EXPECT_EQ(filter.accept("\033[2J", 0), "?J");
	EXPECT_EQ(filter.accept("\033[?1049h", 0), "??1049h");
	EXPECT_EQ(filter.accept("\033]0;title\a", 0), "?]0;title?");
	EXPECT_EQ(filter.accept("\033\033[m", 0), "?\033[m");
	EXPECT_EQ(filter.accept("\033[" + std::string(100, '1') + "m", 0).find('\033'),
		  std::string::npos);
}

TEST(LogFilter, KnowsAColourThatComesInPieces)
{
	LogFilter filter;
	EXPECT_EQ(filter.accept("\033", 0), "");
	EXPECT_EQ(filter.accept("[3", 0), "");
	EXPECT_EQ(filter.accept("2mx", 0), "\033[32mx");
	EXPECT_EQ(filter.accept("\033", 0), "");
	EXPECT_EQ(filter.accept("7", 0), "?7");
}

TEST(LogFilter, BoundsABurst)
{
	LogFilter filter;
	const std::string megabyte(1 << 20, 'x');
	EXPECT_EQ(filter.accept(megabyte, 0).size(), kBurst);
	EXPECT_EQ(filter.accept(megabyte, 0), "");
}

TEST(LogFilter, BoundsTheRateAndSaysWhatIsLost)
{
	LogFilter filter;
	const std::string burst(kBurst + 1000, 'x');
	filter.accept(burst, 0);

	const std::string later = filter.accept("y", 1000);
	EXPECT_NE(later.find("1000 bytes"), std::string::npos) << later;
	EXPECT_EQ(later.back(), 'y');

	/* 64 bytes a millisecond, one of which is spent. */
	EXPECT_EQ(filter.accept(burst, 1000).size(), 64'000u - 1);
	EXPECT_EQ(filter.accept("z", 900), "");
}

} /* namespace */
