import { testLives } from "./life-cycle";

testLives("docker");
