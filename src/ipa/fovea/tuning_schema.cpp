/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What a tuning file may contain
 */

#include "tuning_schema.h"

#include <array>

/**
 * \file tuning_schema.h
 * \brief The schema of tuning files as a table
 *
 * docs/tuning.md tells what each field means; this table has its type and
 * range. A field that is not here is refused, because a misspelt name would
 * otherwise do nothing and say nothing.
 */

namespace libcamera {

namespace ipa::fovea::tuning {

namespace {

using Kind = Schema::Kind;

constexpr Schema number(double min, double max)
{
	return { Kind::Number, min, max, 0, 0, nullptr, {}, {} };
}

constexpr Schema integer(double min, double max)
{
	return { Kind::Integer, min, max, 0, 0, nullptr, {}, {} };
}

constexpr Schema list(const Schema &element, size_t minCount, size_t maxCount)
{
	return { Kind::List, 0, 0, minCount, maxCount, &element, {}, {} };
}

/* Pairs of x, y in one list; counts are those of the pairs. */
constexpr Schema points(const Schema &x, double min, double max)
{
	return { Kind::Points, min, max, 1, 64, &x, {}, {} };
}

constexpr Schema dictionary(std::span<const Member> members)
{
	return { Kind::Dictionary, 0, 0, 0, 0, nullptr, {}, members };
}

constexpr Schema choice(std::span<const char *const> choices)
{
	return { Kind::Choice, 0, 0, 0, 0, nullptr, choices, {} };
}

constexpr Schema kBoolean{ Kind::Boolean, 0, 0, 0, 0, nullptr, {}, {} };
constexpr Schema kUnit = number(0, 1);
constexpr Schema kTemperature = integer(1000, 20000);
constexpr Schema kLevel = integer(0, 65535);
constexpr Schema kLux = number(0, 1000000);

/* BlackLevel */
constexpr Schema kLevels = list(kLevel, 4, 4);
constexpr Schema kWhiteLevel = integer(1, 65535);
constexpr std::array kBlackLevelMembers{
	Member{ "enabled", &kBoolean, false },
	Member{ "level", &kLevel, false },
	Member{ "levels", &kLevels, false },
	Member{ "whiteLevel", &kWhiteLevel, false },
};
constexpr Schema kBlackLevel = dictionary(kBlackLevelMembers);

/* Agc */
constexpr Schema kLuminance = points(kLux, 0.01, 0.95);
constexpr std::array kConstraintMembers{
	Member{ "qLo", &kUnit, true },
	Member{ "qHi", &kUnit, true },
	Member{ "yTarget", &kLuminance, true },
};
constexpr Schema kConstraint = dictionary(kConstraintMembers);
constexpr std::array kConstraintModeMembers{
	Member{ "lower", &kConstraint, false },
	Member{ "upper", &kConstraint, false },
};
constexpr Schema kConstraintMode = dictionary(kConstraintModeMembers);
constexpr std::array kConstraintModesMembers{
	Member{ "ConstraintNormal", &kConstraintMode, true },
	Member{ "ConstraintHighlight", &kConstraintMode, false },
	Member{ "ConstraintShadows", &kConstraintMode, false },
	Member{ "ConstraintCustom", &kConstraintMode, false },
};
constexpr Schema kConstraintModes = dictionary(kConstraintModesMembers);

constexpr Schema kStageTime = integer(1, 60000000);
constexpr Schema kStageTimes = list(kStageTime, 1, 16);
constexpr Schema kStageGain = number(1, 256);
constexpr Schema kStageGains = list(kStageGain, 1, 16);
constexpr std::array kExposureModeMembers{
	Member{ "exposureTime", &kStageTimes, true },
	Member{ "gain", &kStageGains, true },
};
constexpr Schema kExposureMode = dictionary(kExposureModeMembers);
constexpr std::array kExposureModesMembers{
	Member{ "ExposureNormal", &kExposureMode, true },
	Member{ "ExposureShort", &kExposureMode, false },
	Member{ "ExposureLong", &kExposureMode, false },
	Member{ "ExposureCustom", &kExposureMode, false },
};
constexpr Schema kExposureModes = dictionary(kExposureModesMembers);

constexpr Schema kWeight = integer(0, 15);
constexpr Schema kWeights = list(kWeight, 256, 256);
constexpr std::array kMeteringModesMembers{
	Member{ "MeteringCentreWeighted", &kWeights, false },
	Member{ "MeteringSpot", &kWeights, false },
	Member{ "MeteringMatrix", &kWeights, false },
	Member{ "MeteringCustom", &kWeights, false },
};
constexpr Schema kMeteringModes = dictionary(kMeteringModesMembers);

constexpr Schema kDigitalGain = number(1, 8);
constexpr Schema kSpeed = number(0.01, 1);
constexpr std::array kAgcMembers{
	Member{ "enabled", &kBoolean, false },
	Member{ "relativeLuminanceTarget", &kLuminance, false },
	Member{ "maxDigitalGain", &kDigitalGain, false },
	Member{ "speed", &kSpeed, false },
	Member{ "AeConstraintMode", &kConstraintModes, false },
	Member{ "AeExposureMode", &kExposureModes, false },
	Member{ "AeMeteringMode", &kMeteringModes, false },
};
constexpr Schema kAgc = dictionary(kAgcMembers);

/* Awb */
constexpr std::array<const char *, 2> kAwbAlgorithms{ "bayes", "grey" };
constexpr Schema kAwbAlgorithm = choice(kAwbAlgorithms);
constexpr Schema kColourGain = number(0.1, 15.9);
constexpr Schema kColourGainPair = list(kColourGain, 2, 2);
constexpr std::array kColourGainsMembers{
	Member{ "ct", &kTemperature, true },
	Member{ "gains", &kColourGainPair, true },
};
constexpr Schema kColourGainsEntry = dictionary(kColourGainsMembers);
constexpr Schema kColourGains = list(kColourGainsEntry, 1, 64);
constexpr std::array kAwbModeMembers{
	Member{ "lo", &kTemperature, true },
	Member{ "hi", &kTemperature, true },
};
constexpr Schema kAwbMode = dictionary(kAwbModeMembers);
constexpr std::array kAwbModesMembers{
	Member{ "AwbAuto", &kAwbMode, true },
	Member{ "AwbIncandescent", &kAwbMode, false },
	Member{ "AwbTungsten", &kAwbMode, false },
	Member{ "AwbFluorescent", &kAwbMode, false },
	Member{ "AwbIndoor", &kAwbMode, false },
	Member{ "AwbDaylight", &kAwbMode, false },
	Member{ "AwbCloudy", &kAwbMode, false },
	Member{ "AwbCustom", &kAwbMode, false },
};
constexpr Schema kAwbModes = dictionary(kAwbModesMembers);
constexpr Schema kTransverse = number(0.0001, 0.5);
constexpr Schema kErrorLimit = number(0.005, 2);
constexpr Schema kPriorTemperatures = list(kTemperature, 1, 64);
constexpr Schema kProbability = number(0.00001, 1000);
constexpr Schema kProbabilities = list(kProbability, 1, 64);
constexpr Schema kPriorLux = integer(0, 1000000);
constexpr std::array kPriorMembers{
	Member{ "lux", &kPriorLux, true },
	Member{ "ct", &kPriorTemperatures, true },
	Member{ "probability", &kProbabilities, true },
};
constexpr Schema kPrior = dictionary(kPriorMembers);
constexpr Schema kPriors = list(kPrior, 1, 16);
constexpr std::array kAwbMembers{
	Member{ "enabled", &kBoolean, false },
	Member{ "algorithm", &kAwbAlgorithm, false },
	Member{ "colourGains", &kColourGains, false },
	Member{ "AwbMode", &kAwbModes, false },
	Member{ "priors", &kPriors, false },
	Member{ "transversePos", &kTransverse, false },
	Member{ "transverseNeg", &kTransverse, false },
	Member{ "errorLimit", &kErrorLimit, false },
	Member{ "speed", &kSpeed, false },
};
constexpr Schema kAwb = dictionary(kAwbMembers);

/* Ccm */
constexpr Schema kCoefficient = number(-8, 7.999);
constexpr Schema kMatrix = list(kCoefficient, 9, 9);
constexpr std::array kCcmEntryMembers{
	Member{ "ct", &kTemperature, true },
	Member{ "ccm", &kMatrix, true },
};
constexpr Schema kCcmEntry = dictionary(kCcmEntryMembers);
constexpr Schema kCcms = list(kCcmEntry, 1, 64);
constexpr std::array kCcmMembers{
	Member{ "enabled", &kBoolean, false },
	Member{ "ccms", &kCcms, true },
};
constexpr Schema kCcm = dictionary(kCcmMembers);

/* Gamma */
constexpr Schema kExponent = number(0.1, 10);
constexpr Schema kCurve = points(kUnit, 0, 1);
constexpr std::array kGammaMembers{
	Member{ "enabled", &kBoolean, false },
	Member{ "gamma", &kExponent, false },
	Member{ "curve", &kCurve, false },
};
constexpr Schema kGamma = dictionary(kGammaMembers);

/* Demosaic, Csc, Lux */
constexpr Schema kThreshold = integer(0, 16383);
constexpr std::array kDemosaicMembers{
	Member{ "enabled", &kBoolean, false },
	Member{ "directionThreshold", &kThreshold, false },
	Member{ "refine", &kBoolean, false },
};
constexpr Schema kDemosaic = dictionary(kDemosaicMembers);

constexpr std::array kCscMembers{
	Member{ "enabled", &kBoolean, false },
};
constexpr Schema kCsc = dictionary(kCscMembers);

constexpr Schema kReferenceTime = number(1, 60000000);
constexpr Schema kReferenceGain = number(0.1, 256);
constexpr Schema kReferenceY = number(0.0001, 1);
constexpr Schema kReferenceLux = number(0.01, 1000000);
constexpr std::array kLuxMembers{
	Member{ "enabled", &kBoolean, false },
	Member{ "referenceExposureTime", &kReferenceTime, true },
	Member{ "referenceAnalogueGain", &kReferenceGain, true },
	Member{ "referenceDigitalGain", &kReferenceGain, true },
	Member{ "referenceY", &kReferenceY, true },
	Member{ "referenceLux", &kReferenceLux, true },
};
constexpr Schema kLuxAlgorithm = dictionary(kLuxMembers);

/* LensShading */
constexpr Schema kArrayPosition = number(0, 65535);
constexpr Schema kArrayPlace = list(kArrayPosition, 2, 2);
constexpr Schema kRadialCoefficient = number(-100, 100);
constexpr Schema kRadialPolynomial = list(kRadialCoefficient, 1, 8);
constexpr std::array kShadingTableMembers{
	Member{ "ct", &kTemperature, true },
	Member{ "r", &kRadialPolynomial, true },
	Member{ "gr", &kRadialPolynomial, true },
	Member{ "gb", &kRadialPolynomial, true },
	Member{ "b", &kRadialPolynomial, true },
};
constexpr Schema kShadingTable = dictionary(kShadingTableMembers);
constexpr Schema kShadingTables = list(kShadingTable, 1, 64);
constexpr std::array kLensShadingMembers{
	Member{ "enabled", &kBoolean, false },
	Member{ "centre", &kArrayPlace, false },
	Member{ "tables", &kShadingTables, true },
};
constexpr Schema kLensShading = dictionary(kLensShadingMembers);

/* ChromaticAberration */
constexpr std::array kChromaticAberrationMembers{
	Member{ "enabled", &kBoolean, false },
	Member{ "centre", &kArrayPlace, false },
	Member{ "red", &kRadialPolynomial, false },
	Member{ "blue", &kRadialPolynomial, false },
};
constexpr Schema kChromaticAberration = dictionary(kChromaticAberrationMembers);

/* Hdr, LocalTone */
constexpr Schema kCode = integer(0, 65535);
constexpr Schema kCompanding{ Kind::Points, 0, 1048575, 2, 16, &kCode, {}, {} };
constexpr Schema kExposureRatio = number(1, 64);
constexpr Schema kCompandedGain = number(1, 256);
constexpr std::array kHdrMembers{
	Member{ "enabled", &kBoolean, false },
	Member{ "companding", &kCompanding, false },
	Member{ "exposureRatio", &kExposureRatio, false },
	Member{ "compandedGain", &kCompandedGain, false },
};
constexpr Schema kHdr = dictionary(kHdrMembers);

constexpr Schema kToneTarget = number(0.01, 1);
constexpr Schema kLift = number(1, 8);
constexpr std::array kLocalToneMembers{
	Member{ "enabled", &kBoolean, false },
	Member{ "strength", &kUnit, false },
	Member{ "hdrStrength", &kUnit, false },
	Member{ "target", &kToneTarget, false },
	Member{ "maxLift", &kLift, false },
	Member{ "speed", &kSpeed, false },
};
constexpr Schema kLocalTone = dictionary(kLocalToneMembers);

/* DefectPixels, NoiseReduction, Sharpen */
constexpr Schema kDeviations = number(0, 100);
constexpr Schema kArrayIndex = integer(0, 65535);
constexpr Schema kDefect = list(kArrayIndex, 2, 2);
constexpr Schema kDefects = list(kDefect, 0, 4096);
constexpr std::array kDefectPixelsMembers{
	Member{ "enabled", &kBoolean, false },
	Member{ "threshold", &kDeviations, false },
	Member{ "floor", &kUnit, false },
	Member{ "defects", &kDefects, false },
};
constexpr Schema kDefectPixels = dictionary(kDefectPixelsMembers);

constexpr std::array kSmoothingMembers{
	Member{ "strength", &kUnit, false },
	Member{ "threshold", &kDeviations, false },
};
constexpr Schema kSmoothing = dictionary(kSmoothingMembers);
constexpr Schema kTotalGain = number(1, 256);
constexpr Schema kFrameWeight = points(kTotalGain, 0.05, 1);
constexpr std::array kTemporalMembers{
	Member{ "weight", &kFrameWeight, false },
	Member{ "threshold", &kDeviations, false },
};
constexpr Schema kTemporal = dictionary(kTemporalMembers);
constexpr std::array kNoiseReductionMembers{
	Member{ "enabled", &kBoolean, false },
	Member{ "raw", &kSmoothing, false },
	Member{ "chroma", &kSmoothing, false },
	Member{ "temporal", &kTemporal, false },
};
constexpr Schema kNoiseReduction = dictionary(kNoiseReductionMembers);

constexpr Schema kSharpening = points(kTotalGain, 0, 7.9);
constexpr std::array kSharpenMembers{
	Member{ "enabled", &kBoolean, false },
	Member{ "strength", &kSharpening, false },
	Member{ "coring", &kDeviations, false },
	Member{ "limitBright", &kUnit, false },
	Member{ "limitDark", &kUnit, false },
};
constexpr Schema kSharpen = dictionary(kSharpenMembers);

/* The file */
constexpr std::array kAlgorithmNames{
	Member{ "BlackLevel", &kBlackLevel, false },
	Member{ "Lux", &kLuxAlgorithm, false },
	Member{ "Agc", &kAgc, false },
	Member{ "Awb", &kAwb, false },
	Member{ "Demosaic", &kDemosaic, false },
	Member{ "Ccm", &kCcm, false },
	Member{ "Gamma", &kGamma, false },
	Member{ "Csc", &kCsc, false },
	Member{ "LensShading", &kLensShading, false },
	Member{ "Hdr", &kHdr, false },
	Member{ "LocalTone", &kLocalTone, false },
	Member{ "ChromaticAberration", &kChromaticAberration, false },
	Member{ "DefectPixels", &kDefectPixels, false },
	Member{ "NoiseReduction", &kNoiseReduction, false },
	Member{ "Sharpen", &kSharpen, false },
};
constexpr Schema kAlgorithms{ Kind::Algorithms, 0, 0, 1, kAlgorithmNames.size(), nullptr, {}, kAlgorithmNames };

constexpr Schema kGainConstant = integer(-32768, 32767);
constexpr Schema kGainModel = list(kGainConstant, 4, 4);
constexpr Schema kMargin = integer(0, 1000);
constexpr Schema kVariance = number(0, 1);
constexpr std::array kNoiseMembers{
	Member{ "shot", &kVariance, false },
	Member{ "read", &kVariance, false },
	Member{ "converter", &kVariance, false },
};
constexpr Schema kNoise = dictionary(kNoiseMembers);
constexpr std::array kSensorMembers{
	Member{ "gain", &kGainModel, false },
	Member{ "exposureMargin", &kMargin, false },
	Member{ "noise", &kNoise, false },
};
constexpr Schema kSensor = dictionary(kSensorMembers);

constexpr Schema kVersion = integer(1, 1);
constexpr std::array kFileMembers{
	Member{ "version", &kVersion, true },
	Member{ "sensor", &kSensor, false },
	Member{ "algorithms", &kAlgorithms, true },
};

} /* namespace */

const Schema kTuningSchema = dictionary(kFileMembers);

} /* namespace ipa::fovea::tuning */

} /* namespace libcamera */
