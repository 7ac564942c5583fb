/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The worker: a process that an IPA module runs in
 */

#include <memory>
#include <stdio.h>
#include <stdlib.h>
#include <string>

#include <libcamera/base/log.h>

#include <libcamera/ipa/fovea_ipa_interface.h>
#include <libcamera/ipa/ipa_interface.h>

#include "libcamera/internal/ipa_module.h"

#include "../sandbox/cage.h"
#include "../sandbox/layer.h"
#include "../sandbox/policy.h"
#include "../sandbox/syscalls.h"
#include "dispatcher.h"

namespace libcamera {

LOG_DECLARE_CATEGORY(FoveaWorker)

} /* namespace libcamera */

using namespace libcamera;

namespace {

/* IPAModuleInfo::pipelineVersion and pipelineName of modules for this interface. */
constexpr int kPipelineVersion = 1;
constexpr const char *kPipelineName = "fovea";

/* The module's interface, or a null pointer after a message that says why not. */
std::unique_ptr<ipa::fovea::IPAFoveaInterface> createInterface(IPAModule &module)
{
	if (!module.isValid()) {
		LOG(FoveaWorker, Error) << module.path() << " is no IPA module";
		return nullptr;
	}

	const IPAModuleInfo &info = module.info();
	if (info.moduleAPIVersion != IPA_MODULE_API_VERSION ||
	    info.pipelineVersion != kPipelineVersion ||
	    std::string(info.pipelineName) != kPipelineName) {
		LOG(FoveaWorker, Error)
			<< module.path() << " is a module for '" << info.pipelineName
			<< "' version " << info.pipelineVersion << ", expected '"
			<< kPipelineName << "' version " << kPipelineVersion;
		return nullptr;
	}

	IPAInterface *interface = module.load() ? module.createInterface() : nullptr;
	if (!interface) {
		LOG(FoveaWorker, Error) << module.path() << " can't be loaded";
		return nullptr;
	}

	return std::unique_ptr<ipa::fovea::IPAFoveaInterface>(
		static_cast<ipa::fovea::IPAFoveaInterface *>(interface));
}

} /* namespace */

int main(int argc, char **argv)
{
	if (argc == 2 && std::string(argv[1]) == "--list-syscalls") {
		fovea::sandbox::listSyscalls(stdout);
		return EXIT_SUCCESS;
	}

	const auto policy = fovea::sandbox::CagePolicy::fromArguments(argc, argv);
	if (!policy)
		return EXIT_FAILURE;

	/* From here on, nothing of the module is touched outside of the cage. */
	fovea::sandbox::Cage cage(*policy);
	if (cage.enter())
		return fovea::sandbox::kRefusedStatus;

	UniqueFD socket(policy->socket);
	IPAModule module(policy->module);
	std::unique_ptr<ipa::fovea::IPAFoveaInterface> ipa = createInterface(module);
	if (!ipa)
		return EXIT_FAILURE;

	bool sealed = true;
	ipa::fovea::Dispatcher dispatcher(ipa.get(), std::move(socket), [&] {
		sealed = !cage.seal();
		return sealed;
	});

	const int ret = dispatcher.run();
	if (!sealed)
		return fovea::sandbox::kRefusedStatus;

	return ret ? EXIT_FAILURE : EXIT_SUCCESS;
}
