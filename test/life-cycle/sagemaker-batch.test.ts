import { testLives } from "./life-cycle";

testLives("sagemaker-batch");
