/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The tests run the vector code of every instruction set
 */

#include <stdint.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "targets.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/* Which of its copies this is. */
static int64_t compiledTarget()
{
	return HWY_TARGET;
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <stdio.h>
#include <vector>

#include <gtest/gtest.h>

#include "test_data.h"

namespace fovea::isp {

HWY_EXPORT(compiledTarget);

/* What the processor has of them, and nothing twice. */
TEST(Targets, EachIsRunOnce)
{
#if HWY_ARCH_X86
	const int64_t wanted[] = { HWY_SSSE3, HWY_SSE4, HWY_AVX2, HWY_AVX3 };
#elif HWY_ARCH_ARM_A64
	const int64_t wanted[] = { HWY_NEON };
#else
	GTEST_SKIP() << "no instruction set of this architecture is promised";
	const int64_t wanted[] = { 0 };
#endif

	std::vector<int64_t> ran;
	test::forEachTarget([&] { ran.push_back(HWY_DYNAMIC_DISPATCH(compiledTarget)()); });
	for (const int64_t target : ran)
		printf("%s\n", hwy::TargetName(target));

	for (const int64_t target : wanted) {
		if (hwy::SupportedTargets() & target)
			EXPECT_EQ(std::count(ran.begin(), ran.end(), target), 1) << hwy::TargetName(target);
		else
			printf("%s: this processor does not have it\n", hwy::TargetName(target));
	}
	/* Afterwards the best one is chosen again. */
	EXPECT_EQ(HWY_DYNAMIC_DISPATCH(compiledTarget)(), *std::min_element(ran.begin(), ran.end()));
}

} /* namespace fovea::isp */
#endif
