import { testLives } from "./life-cycle";

testLives("eks");
