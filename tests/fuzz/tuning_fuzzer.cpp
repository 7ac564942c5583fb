/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Arbitrary text as a tuning file
 */

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string>

#include "tuning_file.h"

using namespace libcamera::ipa::fovea;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

namespace {

/* What is refused is refused with a message that begins with the place. */
void check(const std::string &text)
{
	std::string message;
	const int ret = tuning::validateText(text, "file", &message);
	if (ret == 0 && !message.empty())
		abort();
	if (ret != 0 && (ret != -EINVAL || message.rfind("file:", 0) != 0))
		abort();
}

} /* namespace */

/*
 * The input as a whole file, and as the parameters of an algorithm: few random
 * texts would otherwise come that far.
 */
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const std::string text(reinterpret_cast<const char *>(data), size);
	check(text);
	check("version: 1\nalgorithms:\n  - Awb: { " + text + " }\n");

	return 0;
}
