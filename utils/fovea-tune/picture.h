/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * 8-bit RGB picture: PNG files, comparison, hash
 */

#pragma once

#include <span>
#include <stddef.h>
#include <stdint.h>
#include <string>
#include <vector>

namespace fovea::tune {

/* Interleaved R, G, B bytes, rows without padding. */
struct Picture {
	unsigned int width = 0;
	unsigned int height = 0;
	std::vector<uint8_t> rgb;
};

struct Difference {
	uint64_t changedPixels;
	unsigned int largest;
	double psnr;
};

Picture fromXrgb8888(std::span<const uint8_t> data, unsigned int width,
		     unsigned int height, size_t stride);
uint64_t hash(const Picture &picture);
Difference compare(const Picture &a, const Picture &b);
Picture differencePicture(const Picture &a, const Picture &b);

int writePng(const std::string &path, const Picture &picture, std::string *error);
int readPng(const std::string &path, Picture *picture, std::string *error);

} /* namespace fovea::tune */
