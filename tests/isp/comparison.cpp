/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The engine beside the scalar references of the whole ISP
 */

#include "comparison.h"

#include <algorithm>
#include <string.h>

#include <gtest/gtest.h>

#include "test_data.h"

namespace fovea::isp::test {

Result::Result(const Configuration &configuration)
{
	for (const OutputFormat &output : configuration.outputs)
		pictures.emplace_back(outputSize(output), kCanary);
	for (std::vector<uint8_t> &picture : pictures)
		spans.emplace_back(picture);
	stats.sequence = 4711;
}

void expectEqual(const Configuration &configuration, const Result &expected, const Result &actual)
{
	for (size_t i = 0; i < expected.pictures.size(); ++i) {
		const std::vector<uint8_t> &e = expected.pictures[i];
		const std::vector<uint8_t> &a = actual.pictures[i];
		const size_t stride = configuration.outputs[i].stride;
		const size_t at = std::mismatch(e.begin(), e.end(), a.begin()).first - e.begin();
		EXPECT_EQ(at, e.size()) << "output " << i << " differs at row " << at / stride
					<< ", byte " << at % stride;
	}
	EXPECT_EQ(memcmp(&expected.stats, &actual.stats, sizeof(expected.stats)), 0);
}

void compare(const Configuration &configuration, const std::vector<uint8_t> &raw, const Params &params)
{
	Result expected(configuration);
	ASSERT_EQ(processReference(configuration, raw, params, expected.spans, &expected.stats), 0);

	Isp isp;

	forEachTarget([&] {
		/* Without the reference that the last target has left. */
		std::string error;
		ASSERT_EQ(isp.configure(configuration, &error), 0) << error;
		Result actual(configuration);
		ASSERT_EQ(isp.process(raw, params, actual.spans, &actual.stats), 0);
		expectEqual(configuration, expected, actual);
	});
}

} /* namespace fovea::isp::test */
