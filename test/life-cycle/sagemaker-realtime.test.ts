import { testLives } from "./life-cycle";

testLives("sagemaker-realtime");
