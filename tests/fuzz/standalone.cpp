/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Run a fuzz target without a fuzzer
 */

/*
 * Usage: <target> [--runs N] [--seed N] [FILE | DIRECTORY]...
 *
 * Feeds the given files, those in the given directories, and random and mutated inputs made from them, to
 * LLVMFuzzerTestOneInput(). The number of runs is bounded, so that a fuzz target
 * can be an ordinary test; linked with libFuzzer instead of this file the same
 * target runs for as long as one likes.
 */

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

namespace {

namespace fs = std::filesystem;

using Input = std::vector<uint8_t>;

constexpr size_t kMaxSize = 4096;

void run(const Input &input)
{
	/* A copy of exactly this size lets the sanitizer see a read beyond it. */
	const std::vector<uint8_t> exact(input.begin(), input.end());
	LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

Input makeRandom(std::mt19937 *random)
{
	Input input((*random)() % ((*random)() % 8 ? 64 : kMaxSize));
	for (uint8_t &byte : input)
		byte = static_cast<uint8_t>((*random)());
	return input;
}

/* One small damage: a byte, a range, a cut, or a repetition. */
void mutate(Input *input, std::mt19937 *random)
{
	constexpr uint8_t kInteresting[] = { 0, 1, 2, 8, 9, 16, 0x7f, 0x80, 0xff };

	if (input->empty())
		return;

	const size_t at = (*random)() % input->size();
	switch ((*random)() % 5) {
	case 0:
		(*input)[at] ^= static_cast<uint8_t>(1 << ((*random)() % 8));
		break;
	case 1:
		(*input)[at] = kInteresting[(*random)() % std::size(kInteresting)];
		break;
	case 2:
		(*input)[at] = static_cast<uint8_t>((*random)());
		break;
	case 3:
		input->resize(at);
		break;
	case 4:
		if (input->size() < kMaxSize) {
			const Input tail(input->begin() + static_cast<ptrdiff_t>(at), input->end());
			input->insert(input->end(), tail.begin(), tail.end());
		}
		break;
	}
}

bool readInput(const fs::path &path, std::vector<Input> *corpus)
{
	std::ifstream file(path, std::ios::binary);
	if (!file) {
		fprintf(stderr, "%s: can not be read\n", path.c_str());
		return false;
	}

	corpus->emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
	return true;
}

/* A file, or the files in a directory in the order of their names. */
bool readInputs(const fs::path &path, std::vector<Input> *corpus)
{
	if (!fs::is_directory(path))
		return readInput(path, corpus);

	std::vector<fs::path> files(fs::directory_iterator(path), {});
	std::sort(files.begin(), files.end());
	return std::all_of(files.begin(), files.end(),
			   [&](const fs::path &file) { return readInput(file, corpus); });
}

} /* namespace */

int main(int argc, char **argv)
{
	unsigned long runs = 20000;
	unsigned long seed = 1;
	std::vector<Input> corpus;

	for (int i = 1; i < argc; ++i) {
		const bool option = i + 1 < argc;
		if (option && !strcmp(argv[i], "--runs")) {
			runs = strtoul(argv[++i], nullptr, 0);
		} else if (option && !strcmp(argv[i], "--seed")) {
			seed = strtoul(argv[++i], nullptr, 0);
		} else {
			if (!readInputs(argv[i], &corpus))
				return 1;
		}
	}

	std::mt19937 random(static_cast<uint32_t>(seed));
	for (const Input &input : corpus)
		run(input);

	for (unsigned long i = 0; i < runs; ++i) {
		Input input = corpus.empty() || random() % 8 == 0 ? makeRandom(&random)
								  : corpus[random() % corpus.size()];
		for (unsigned int mutations = random() % 8; mutations > 0; --mutations)
			mutate(&input, &random);
		run(input);
	}

	printf("%lu inputs\n", runs + corpus.size());
	return 0;
}
